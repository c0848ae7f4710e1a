package dev.loupe.tensor;

import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Backend;
import org.bytedeco.pytorch.BroadcastOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Work;
import org.jspecify.annotations.Nullable;

/**
 * What ranks do together, each with tensors of its own: libtorch's c10d, Gloo for the CPU and NCCL
 * for CUDA devices. All ranks of a group make the same calls in the same order; each returns when
 * this rank's part is done. Alone, without other ranks, every call is the identity.
 *
 * <p>Every wait ends by the deadline of the {@link Rendezvous}. If a rank is gone, or does not
 * come, the call fails with a {@link RankFailureException} that names it, and the group has ended.
 *
 * <p>Owns its connections until closed. A group of some ranks of another ({@link #among}) is closed
 * on its own, before it. One thread at a time.
 */
public final class Collectives implements AutoCloseable {
  private static final Collectives ALONE =
      new Collectives(Device.CPU, List.of(0), 0, null, null, new Traffic());

  /** What all groups of a process share: the way to the others. */
  private record Links(Rendezvous rendezvous, Membership membership) {}

  private final Device device;
  private final List<Integer> ranks;
  private final int rank;
  private final @Nullable Links links; // null alone
  private final @Nullable Backend backend; // null alone
  private final Traffic traffic;
  private boolean closed;

  private Collectives(
      Device device,
      List<Integer> ranks,
      int rank,
      @Nullable Links links,
      @Nullable Backend backend,
      Traffic traffic) {
    this.device = device;
    this.ranks = List.copyOf(ranks);
    this.rank = rank;
    this.links = links;
    this.backend = backend;
    this.traffic = traffic;
  }

  /** One rank without others. */
  public static Collectives alone() {
    return ALONE;
  }

  /**
   * All ranks of a run; returns when all have come. The caller closes it.
   *
   * @param device of the tensors that are exchanged
   */
  public static Collectives join(Rendezvous rendezvous, Device device) {
    if (rendezvous.size() == 1) {
      return ALONE;
    }
    boolean holds = rendezvous.rank() == 0 && !rendezvous.hosted();
    Membership membership = new Membership(rendezvous, holds);
    try {
      membership.awaitAll();
      Links links = new Links(rendezvous, membership);
      List<Integer> all = IntStream.range(0, rendezvous.size()).boxed().toList();
      return connect(device, "all", all, links, new Traffic());
    } catch (RuntimeException | Error e) {
      membership.leave(String.valueOf(e.getMessage()));
      membership.close();
      throw e;
    }
  }

  /**
   * The group of some ranks, this one among them; each of them calls it. The caller closes it.
   *
   * @param name of the group, another for each
   * @param some ranks of the run, ascending
   */
  public Collectives among(String name, List<Integer> some) {
    if (links == null || some.size() == 1) {
      return new Collectives(device, some, 0, null, null, traffic);
    }
    return connect(device, name, some, links, traffic);
  }

  private static Collectives connect(
      Device device, String name, List<Integer> ranks, Links links, Traffic traffic) {
    int rank = ranks.indexOf(links.rendezvous().rank());
    if (rank < 0) {
      throw new IllegalArgumentException(
          "expected rank %d among those of its group, got %s"
              .formatted(links.rendezvous().rank(), ranks));
    }
    String place = "connecting the group " + name;
    links.membership().doing(place);
    Collectives joined;
    try {
      Backend backend = ProcessGroups.open(device, name, rank, ranks.size(), links.rendezvous());
      joined = new Collectives(device, ranks, rank, links, backend, traffic);
    } catch (RuntimeException e) {
      throw links.membership().explain(place, e);
    }
    // one that is done at once would close what another is still connecting to
    joined.run(place, Backend::barrier);
    return joined;
  }

  /** This rank's number in the group. */
  public int rank() {
    return rank;
  }

  public int size() {
    return ranks.size();
  }

  /** Where the tensors are that are exchanged. */
  public Device device() {
    return device;
  }

  /** Numbers, among all of the run, of the group's ranks, in its order. */
  public List<Integer> ranks() {
    return ranks;
  }

  /** What this rank has sent, in this group and all that share its connections. */
  public Traffic traffic() {
    return traffic;
  }

  /** Overwrites a tensor with its sum over the ranks: the same bits at each. */
  public Tensor sumInPlace(Tensor tensor) {
    if (backend != null && tensor.elements() > 0) {
      traffic.addSum(tensor.bytes(), size());
      run("sum", group -> group.allreduce(new TensorVector(tensor.handle())));
    }
    return tensor;
  }

  /** Sums of some numbers over the ranks: the same bits at each. */
  public double[] sum(double... numbers) {
    if (backend == null) {
      return numbers.clone();
    }
    try (TensorScope _ = TensorScope.open()) {
      return sumInPlace(Tensors.of(numbers, numbers.length).to(device)).doubles();
    }
  }

  /** The tensors of all ranks, which have one shape, in their order: [ranks, ...], the caller's. */
  public Tensor gather(Tensor tensor) {
    if (backend == null) {
      return tensor.unsqueeze(0);
    }
    try (TensorScope scope = TensorScope.open()) {
      long[] shape = new long[tensor.rank() + 1];
      shape[0] = size();
      System.arraycopy(tensor.shape(), 0, shape, 1, tensor.rank());
      Tensor all = scope.keep(Tensors.empty(tensor.dtype(), tensor.device(), shape));
      if (tensor.elements() > 0) {
        Tensor own = tensor.contiguous();
        Tensor flat = all.reshape(-1);
        traffic.addGather(own.bytes(), size());
        run("gathering", group -> group._allgather_base(flat.handle(), own.reshape(-1).handle()));
      }
      return all;
    }
  }

  /** Overwrites a tensor with that of one rank of the group. */
  public Tensor broadcastInPlace(Tensor tensor, int from) {
    if (backend != null && tensor.elements() > 0) {
      traffic.addBroadcast(tensor.bytes(), Math.floorMod(rank - from, size()), size());
      run(
          "broadcast",
          group ->
              group.broadcast(
                  new TensorVector(tensor.handle()), new BroadcastOptions().rootRank(from)));
    }
    return tensor;
  }

  /** Sends a gapless tensor to one rank of the group, which {@link #receiveInto}s it. */
  public void send(Tensor tensor, int to) {
    traffic.add(tensor.bytes());
    run("sending to " + to, group -> group.send(new TensorVector(tensor.handle()), to, 0));
  }

  /** Overwrites a gapless tensor with what one rank of the group {@link #send}s. */
  public void receiveInto(Tensor tensor, int from) {
    run("receiving from " + from, group -> group.recv(new TensorVector(tensor.handle()), from, 0));
  }

  /** Returns when all ranks have come so far. */
  public void barrier() {
    if (backend != null) {
      traffic.add(0);
      run("barrier", Backend::barrier);
    }
  }

  /** Tells the others why this rank leaves before the work is done, for them to say it too. */
  public void leave(String reason) {
    if (links != null) {
      links.membership().leave(reason);
    }
  }

  private void run(String what, Function<Backend, Work> call) {
    if (backend == null || links == null || closed) {
      throw new IllegalStateException(
          what + ": the group of ranks " + ranks + (closed ? " is closed" : " has no others"));
    }
    String place = what + " " + traffic.collectives();
    links.membership().doing(place);
    try {
      Native.run(() -> ProcessGroups.await(call.apply(backend), device, links.rendezvous()));
    } catch (RuntimeException e) {
      throw links.membership().explain(place, e);
    }
  }

  @Override
  public void close() {
    if (closed || links == null || backend == null) {
      return;
    }
    closed = true;
    backend.releaseReference();
    if (ranks.size() == links.rendezvous().size()) {
      links.membership().close();
    }
  }
}
