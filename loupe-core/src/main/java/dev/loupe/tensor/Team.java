package dev.loupe.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Runs independent pieces of work side by side, each on one thread of its own, within which
 * libtorch computes alone: no piece waits for another's share of a matrix product, and no result
 * depends on how many threads there are. A single piece gets all threads for its products instead.
 *
 * <p>Why not one piece after another on all threads: products of a small dictionary are over in a
 * millisecond, and OpenBLAS spins between them; with anything else running on the machine a step
 * took 20 times as long (docs/decisions/threads.md).
 */
public final class Team {
  private static final ExecutorService WORKERS =
      Executors.newCachedThreadPool(Thread.ofPlatform().daemon().name("compute-", 1).factory());

  private Team() {}

  /** Runs the action for each item, and returns when all are done. */
  public static <T> void forEach(List<T> items, Consumer<T> action) {
    map(
        items,
        item -> {
          action.accept(item);
          return true;
        });
  }

  /**
   * Results in the order of the items. Tensors among them must have left their scopes ({@link
   * TensorScope#release}). If pieces fail, the first failure by the order of the items is thrown
   * when all are done.
   */
  public static <T, R> List<R> map(List<T> items, Function<T, R> action) {
    if (items.size() == 1) {
      return List.of(Torch.onAllThreads(() -> action.apply(items.getFirst())));
    }
    int members = Math.min(Torch.threads(), items.size());
    List<Future<List<R>>> shares = new ArrayList<>();
    for (int member = 0; member < members; member++) {
      int first = member;
      shares.add(WORKERS.submit(() -> share(items, action, first, members)));
    }
    return interleaved(shares, items.size());
  }

  /** Every so-many-th item, from the first on: a fixed part of the work. */
  private static <T, R> List<R> share(
      List<T> items, Function<T, R> action, int first, int members) {
    List<R> results = new ArrayList<>();
    for (int i = first; i < items.size(); i += members) {
      results.add(action.apply(items.get(i)));
    }
    return results;
  }

  private static <R> List<R> interleaved(List<Future<List<R>>> shares, int size) {
    List<List<R>> results = new ArrayList<>();
    Throwable failure = null;
    for (Future<List<R>> share : shares) {
      try {
        results.add(share.get());
      } catch (ExecutionException e) {
        failure = failure == null ? e.getCause() : failure;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while computing", e);
      }
    }
    switch (failure) {
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case null, default -> {}
    }
    List<R> all = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      all.add(results.get(i % shares.size()).get(i / shares.size()));
    }
    return all;
  }
}
