package dev.loupe.activation;

import dev.loupe.model.Hook;
import dev.loupe.model.LlamaConfig;
import dev.loupe.tensor.Collectives;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Indexing;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Team;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import dev.loupe.text.Progress;
import dev.loupe.text.TokenCorpus;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shuffled stream of activations that training reads: one pass of the language model over the
 * corpus, all wanted hooks of a token together, through a buffer that is refilled and reshuffled
 * when half of it is used up.
 *
 * <p>The passes for the next refill are background work of the {@link Team}: each begins as soon as
 * enough rows have been taken, and its results go where those were, so that it needs no memory
 * beside the buffer. Which rows come when does not depend on how far the passes are.
 *
 * <p>Ranks may share a buffer: each runs the passes of some batches and holds their rows, and all
 * take the same rows at the same time, those that one process would take, each its own or those of
 * a group. Then all make the same calls.
 *
 * <p>Owns the buffer; borrows the source, which must stay open until the stream is closed. One
 * thread at a time.
 */
public final class ActivationStream implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ActivationStream.class);

  private final ActivationSource source;
  private final BufferPlan plan;
  private final Collectives ranks;
  private final Map<Hook, Tensor> rows = new TreeMap<>(); // [places, d]
  private final int[] placeOfSlot; // in the rows
  private final int[] freePlaces; // a stack
  private int freeCount;
  private final int[] contexts;
  private final int[] positions;
  private final int[] ids;
  private final TreeMap<Integer, Pending> pending = new TreeMap<>(); // by batch
  private int[] measured = {}; // slots of which the norms were measured, until rows are taken
  private long modelNanos;
  private long diskNanos;

  /** A batch that is being read. */
  private record Pending(Team.Task task, boolean isStored) {}

  /**
   * How long training has waited.
   *
   * @param modelNanos for the language model
   * @param diskNanos for activations on disk
   */
  public record Waited(long modelNanos, long diskNanos) {
    public Waited since(Waited before) {
      return new Waited(modelNanos - before.modelNanos, diskNanos - before.diskNanos);
    }
  }

  /**
   * @param capacity tokens that the buffer holds at most
   * @param dtype that the buffer holds them in
   * @param seed of the shuffling
   * @param ranks that share the buffer, borrowed
   */
  public ActivationStream(
      ActivationSource source, int capacity, DType dtype, long seed, Collectives ranks) {
    this.source = source;
    this.ranks = ranks;
    TokenCorpus corpus = source.corpus();
    this.plan =
        new BufferPlan(corpus.batches(), corpus::countedTokens, capacity, seed, ranks.size());
    placeOfSlot = new int[capacity];
    freeCount = places(corpus, capacity, ranks.size());
    freePlaces = IntStream.range(0, freeCount).map(i -> freeCount - 1 - i).toArray();
    contexts = new int[capacity];
    positions = new int[capacity];
    ids = new int[capacity];
    int d = source.model().hiddenSize();
    for (Hook hook : source.hooks()) {
      rows.put(hook, TensorScope.release(Tensors.empty(dtype, source.device(), freeCount, d)));
    }
  }

  /** Rows that one rank holds at most: its part of the buffer, and a batch. */
  private static int places(TokenCorpus corpus, int capacity, int ranks) {
    if (ranks == 1) {
      return capacity;
    }
    int largest = IntStream.range(0, corpus.batches()).map(corpus::countedTokens).max().orElse(0);
    return Math.min(capacity, Math.ceilDiv(capacity, ranks) + largest);
  }

  /** Bytes of buffer that a token takes: its rows, and seven numbers of where it is. */
  public static long bytesPerToken(LlamaConfig model, Set<Hook> hooks, DType dtype) {
    return (long) hooks.size() * model.hiddenSize() * dtype.bytes() + 7 * Integer.BYTES;
  }

  /** How long callers have waited for rows up to now, computing some of them themselves. */
  public Waited waited() {
    return new Waited(modelNanos, diskNanos);
  }

  /**
   * Mean norm of each hook's next activations, of all ranks, in raw units: what {@code Scale} is
   * made of. Takes nothing from the stream.
   */
  public Map<Hook, Double> meanNorms(int tokens) {
    fill(Progress.NONE, () -> false);
    measured = plan.peek(tokens);
    int[] own = shared(measured, ranks).own();
    Map<Hook, Double> norms = new TreeMap<>();
    for (Hook hook : new TreeSet<>(source.hooks())) {
      try (TensorScope _ = TensorScope.open()) {
        Tensor all = Reductions.norm(at(hook, own), 1);
        norms.put(hook, ranks.sum(Reductions.total(all))[0] / measured.length);
        if (own.length > 0) {
          warnOfSinks(hook, all.floats(), own);
        }
      }
    }
    return norms;
  }

  /**
   * A hook's activations of which {@link #meanNorms} gave the mean norm, of all ranks, in raw
   * units, [n, d] in float32, owned by the caller. Only between that and the first {@link #next}.
   */
  public Tensor measured(Hook hook) {
    if (measured.length == 0) {
      throw new IllegalStateException("no norms have been measured, or activations taken since");
    }
    try (TensorScope scope = TensorScope.open()) {
      SharedRows shared = shared(measured, ranks);
      return scope.keep(shared.gather(at(hook, shared.own())));
    }
  }

  private void warnOfSinks(Hook hook, float[] norms, int[] slots) {
    float[] sorted = norms.clone();
    Arrays.sort(sorted);
    float median = sorted[sorted.length / 2];
    int largest = 0;
    int above = 0;
    for (int i = 0; i < norms.length; i++) {
      above += norms[i] > 10 * median ? 1 : 0;
      largest = norms[i] > norms[largest] ? i : largest;
    }
    if (above > 0) {
      LOG.warn(
          "{} of {} tokens at {} have a norm above 10 times the median; the largest is {} times,"
              + " token {} at position {}",
          above,
          norms.length,
          hook,
          Math.round(norms[largest] / median),
          ids[slots[largest]],
          positions[slots[largest]]);
    }
  }

  /**
   * The next n activations in float32, fewer only at the end of the corpus; the caller owns them.
   */
  public Activations next(int n) {
    return next(n, ranks);
  }

  /**
   * Takes the next n activations, fewer only at the end of the corpus, and gives those of the ranks
   * of a group, all of which ask for them; the caller owns them.
   *
   * @param group this rank alone or with others, borrowed
   */
  public Activations next(int n, Collectives group) {
    measured = new int[0];
    fill(Progress.NONE, () -> false);
    SharedRows shared = shared(plan.take(n), group);
    int[] own = shared.own();
    Map<Hook, Tensor> taken = new TreeMap<>();
    for (Hook hook : new TreeSet<>(source.hooks())) { // in one order at all ranks
      try (TensorScope _ = TensorScope.open()) {
        taken.put(hook, TensorScope.release(shared.gather(at(hook, own))));
      }
    }
    int[][] where =
        shared.gather(source.device(), pick(contexts, own), pick(positions, own), pick(ids, own));
    for (int slot : own) {
      freePlaces[freeCount++] = placeOfSlot[slot];
    }
    plan.reserve().forEach(this::start);
    return new Activations(taken, where[0], where[1], where[2], Activations.NO_LOSSES);
  }

  private SharedRows shared(int[] slots, Collectives group) {
    return SharedRows.of(slots, plan::rankOfSlot, group);
  }

  /**
   * Goes to where the stream stands after so many batches of n were taken, without reading what has
   * been used up: only batches of which rows are still in the buffer are read again.
   *
   * @param progress is told of the tokens that are in the buffer again
   * @param stop asked after each batch of text; once true, CancellationException
   */
  public void skip(long batches, int n, Progress progress, BooleanSupplier stop) {
    for (long i = 0; i < batches; i++) {
      if (plan.needsRefill()) {
        plan.reserve();
        plan.admit();
      }
      plan.take(n);
      plan.reserve();
    }
    List<BufferPlan.Fill> live = plan.live();
    live.forEach(this::start);
    plan.reserved().forEach(this::start);
    finish(live, progress, stop);
  }

  /**
   * Fills the buffer where it needs to be, as {@link #meanNorms} and {@link #next} do by themselves
   * and in silence: the first time takes as long as the model needs for all that the buffer holds.
   *
   * @param progress is told of the tokens that are in the buffer
   * @param stop asked after each batch of text; once true, CancellationException
   */
  public void fill(Progress progress, BooleanSupplier stop) {
    if (plan.needsRefill()) {
      plan.reserve().forEach(this::start);
      finish(plan.reserved(), progress, stop);
      plan.admit();
    }
  }

  private void start(BufferPlan.Fill fill) {
    if (plan.rankOfBatch(fill.batch()) != ranks.rank()) {
      return;
    }
    for (int slot : fill.slots()) {
      placeOfSlot[slot] = freePlaces[--freeCount];
    }
    boolean isStored = source.isStored(fill.batch());
    pending.put(fill.batch(), new Pending(Team.background(() -> fill(fill)), isStored));
  }

  private void finish(List<BufferPlan.Fill> fills, Progress progress, BooleanSupplier stop) {
    long total = fills.stream().mapToLong(fill -> fill.slots().length).sum();
    long done = 0;
    for (BufferPlan.Fill fill : fills) {
      progress.report("filling the buffer (tokens)", done, total);
      finish(fill);
      done += fill.slots().length;
      if (stop.getAsBoolean()) {
        throw new CancellationException(
            "stopped with %,d of %,d tokens in the buffer".formatted(done, total));
      }
    }
    if (total > 0) {
      progress.report("filling the buffer (tokens)", done, total);
    }
  }

  private void finish(BufferPlan.Fill fill) {
    if (plan.rankOfBatch(fill.batch()) != ranks.rank()) {
      return;
    }
    Pending begun = pending.remove(fill.batch());
    if (begun == null) {
      throw new IllegalStateException("batch " + fill.batch() + " was not started");
    }
    long before = System.nanoTime();
    Team.await(begun.task());
    long nanos = System.nanoTime() - before;
    modelNanos += begun.isStored() ? 0 : nanos;
    diskNanos += begun.isStored() ? nanos : 0;
  }

  /** Reads a batch and puts some of its rows into slots, which belong to this fill alone. */
  private void fill(BufferPlan.Fill fill) {
    int[] slots = fill.slots();
    try (TensorScope _ = TensorScope.open();
        Activations found = source.read(fill.batch())) {
      Tensor places = index(pick(placeOfSlot, slots));
      Tensor from = index(fill.rows());
      for (Hook hook : source.hooks()) {
        try (TensorScope _ = TensorScope.open()) {
          Tensor buffer = at(hook);
          Tensor all = found.at(hook).to(source.device()).to(buffer.dtype());
          Indexing.assignRowsInPlace(buffer, places, Indexing.rows(all, from));
        }
      }
      for (int i = 0; i < slots.length; i++) {
        contexts[slots[i]] = found.contexts()[fill.rows()[i]];
        positions[slots[i]] = found.positions()[fill.rows()[i]];
        ids[slots[i]] = found.ids()[fill.rows()[i]];
      }
    }
  }

  private Tensor at(Hook hook) {
    Tensor tensor = rows.get(hook);
    if (tensor == null) {
      throw new IllegalArgumentException("the stream does not carry " + hook);
    }
    return tensor;
  }

  private Tensor at(Hook hook, int[] slots) {
    return Indexing.rows(at(hook), index(pick(placeOfSlot, slots))).to(DType.F32);
  }

  private Tensor index(int[] places) {
    return Tensors.of(places, places.length).to(DType.I64).to(source.device());
  }

  private static int[] pick(int[] values, int[] places) {
    return Arrays.stream(places).map(place -> values[place]).toArray();
  }

  @Override
  public void close() {
    // the last first: those that nobody has begun are then taken back, and only few waited for
    pending.descendingMap().values().forEach(begun -> Team.cancel(begun.task()));
    pending.clear();
    rows.values().forEach(Tensor::close);
  }
}
