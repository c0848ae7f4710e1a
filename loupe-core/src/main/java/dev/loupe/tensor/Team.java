package dev.loupe.tensor;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs independent pieces of work side by side, each on one thread, within which libtorch computes
 * alone (docs/decisions/threads.md). The members are the threads that call and the workers, one
 * fewer than {@link Torch#threads}: whoever is free takes the next piece. No result depends on who
 * that is, as long as pieces write to different places.
 *
 * <p>Calls nest: a piece may itself split into pieces, which its thread does, with the help of
 * workers that are free and of members that wait for it. A waiting member helps only with what it
 * waits for, so that every wait is for a piece that somebody is computing: nothing deadlocks.
 *
 * <p>A piece starts without an open {@link TensorScope}, whichever thread it is on. An interrupt
 * does not end a wait: it stays set for whoever looks, since pieces still use the caller's tensors.
 */
public final class Team {
  private static final ReentrantLock LOCK = new ReentrantLock(); // of all that follows
  private static final Condition CHANGED = LOCK.newCondition();
  private static final List<Work> OPEN = new ArrayList<>(); // with pieces to take, oldest first
  private static final Queue<Work> BACKGROUND = new ArrayDeque<>();
  private static final BitSet WORKERS = new BitSet(); // by number, from 1

  /** What this thread is computing a piece of. */
  private static final ScopedValue<Work> CURRENT = ScopedValue.newInstance();

  private Team() {}

  /** As {@link #map}, for what pieces do instead of give. */
  public static <T> void forEach(List<T> items, Consumer<T> action) {
    run(items.size(), i -> action.accept(items.get(i)));
  }

  /**
   * Results in the order of the items. Tensors among them must have left their scopes ({@link
   * TensorScope#release}). Pieces that fail keep no other from being done; then the first failure
   * by the order of the items is thrown.
   */
  @SuppressWarnings("unchecked") // only results of the action are put in
  public static <T, R> List<R> map(List<T> items, Function<T, R> action) {
    Object[] results = new Object[items.size()];
    run(items.size(), i -> results[i] = action.apply(items.get(i)));
    return List.of((R[]) results);
  }

  private static void run(int pieces, IntConsumer action) {
    Work work = new Work(pieces, action, CURRENT.isBound() ? CURRENT.get() : null, false);
    LOCK.lock();
    try {
      if (pieces > 1) { // nobody could help with one
        OPEN.add(work);
        callWorkers();
      }
      while (work.left > 0) {
        advance(work.next < work.pieces ? work : partOf(work));
      }
    } finally {
      LOCK.unlock();
    }
    work.rethrow();
  }

  /**
   * Work that workers do when no piece of a {@link #forEach} is to be taken, in the order of the
   * calls; so it keeps a worker from such a piece for the length of one task at most. It must not
   * wait for another task. Without workers, with one thread, tasks are done when they are awaited.
   */
  public static Task background(Runnable action) {
    Work work = new Work(1, _ -> action.run(), null, true);
    LOCK.lock();
    try {
      BACKGROUND.add(work);
      callWorkers();
    } finally {
      LOCK.unlock();
    }
    return new Task(work);
  }

  /** Does tasks, in their order, until this one is done; throws what it failed with. */
  public static void await(Task task) {
    LOCK.lock();
    try {
      while (task.work.left > 0) {
        Work part = partOf(task.work);
        advance(part == null ? BACKGROUND.poll() : part);
      }
    } finally {
      LOCK.unlock();
    }
    task.work.rethrow();
  }

  /** Takes a task back: returns when nobody does it or ever will, and throws nothing of it. */
  public static void cancel(Task task) {
    LOCK.lock();
    try {
      if (BACKGROUND.remove(task.work)) {
        task.work.left = 0;
      }
      while (task.work.left > 0) {
        advance(partOf(task.work));
      }
    } finally {
      LOCK.unlock();
    }
  }

  /** A piece of background work. */
  public static final class Task {
    private final Work work;

    private Task(Work work) {
      this.work = work;
    }
  }

  // what follows is called with the lock held, by the thread that holds it

  /** Computes the next piece of the work without the lock; or, given none, waits for a change. */
  @SuppressWarnings("WaitNotInLoop") // every caller looks again
  private static void advance(@Nullable Work work) {
    if (work == null) {
      CHANGED.awaitUninterruptibly();
      return;
    }
    int piece = work.next++;
    if (work.next == work.pieces) {
      OPEN.remove(work);
    }
    LOCK.unlock();
    @Nullable Throwable failure = work.compute(piece);
    LOCK.lock();
    if (failure != null && piece < work.failed) {
      work.failed = piece;
      work.failure = failure;
    }
    if (--work.left == 0) {
      CHANGED.signalAll();
    }
  }

  /** What is to be taken of the pieces that pieces of this work split into. */
  private static @Nullable Work partOf(Work whole) {
    for (Work work : OPEN) {
      for (Work above = work.parent; above != null; above = above.parent) {
        if (above == whole) {
          return work;
        }
      }
    }
    return null;
  }

  /** Large pieces first, which are the older ones; parts of background work after all others. */
  private static @Nullable Work forWorker() {
    for (Work work : OPEN) {
      if (!work.isBackground) {
        return work;
      }
    }
    return OPEN.isEmpty() ? BACKGROUND.poll() : OPEN.getFirst();
  }

  /** Wakes those that wait, and starts the workers that are missing. */
  private static void callWorkers() {
    for (int number = 1; number < Torch.threads(); number++) {
      if (!WORKERS.get(number)) {
        WORKERS.set(number);
        int own = number;
        Thread.ofPlatform().daemon().name("compute-" + number).start(() -> work(own));
      }
    }
    CHANGED.signalAll();
  }

  private static void work(int number) {
    Torch.useOneThread();
    LOCK.lock();
    try {
      while (number < Torch.threads()) { // fewer after another Torch.start
        advance(forWorker());
      }
    } finally {
      WORKERS.clear(number);
      LOCK.unlock();
    }
  }

  /** Pieces of work, numbered from 0; its fields belong to the lock. */
  private static final class Work {
    private final int pieces;
    private final IntConsumer action;
    private final @Nullable Work parent;
    private final boolean isBackground;
    private int next; // piece to be taken
    private int left; // pieces that are not done
    private int failed = Integer.MAX_VALUE; // first piece that did
    private @Nullable Throwable failure;

    Work(int pieces, IntConsumer action, @Nullable Work parent, boolean isBackground) {
      this.pieces = pieces;
      this.action = action;
      this.parent = parent;
      this.isBackground = isBackground || (parent != null && parent.isBackground);
      this.left = pieces;
    }

    /** Gives what the piece failed with. */
    @Nullable Throwable compute(int piece) {
      try {
        ScopedValue.where(CURRENT, this)
            .run(() -> TensorScope.withoutOpen(() -> action.accept(piece)));
        return null;
      } catch (Throwable e) { // also errors: whoever waits must be told
        return e;
      }
    }

    void rethrow() {
      switch (failure) {
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        case null -> {}
        default -> throw new IllegalStateException("expected no checked exception", failure);
      }
    }
  }
}
