package dev.loupe.judge;

import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Does a work on each of many things, some at a time, on virtual threads that mostly wait. */
public final class Crew {
  private static final long LOOK_MILLIS = 50; // between two looks at what may stop it

  private Crew() {}

  /**
   * Works through a list and waits for the end. The first failure, or a stop, interrupts the rest.
   *
   * @param atOnce how many at a time, at most
   * @param stopped whether to stop
   * @param work may be called from several threads
   * @throws CancellationException if it was stopped
   * @throws RuntimeException or an error, the first that the work threw
   */
  public static <T> void each(
      List<T> things, int atOnce, BooleanSupplier stopped, Consumer<? super T> work) {
    Semaphore slots = new Semaphore(atOnce);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    try {
      for (T thing : things) {
        take(1, slots, failure, stopped);
        threads.execute(() -> run(work, thing, slots, failure));
      }
      take(atOnce, slots, failure, stopped);
    } finally {
      threads.shutdownNow();
      threads.close();
    }
    rethrow(failure.get());
  }

  private static <T> void run(
      Consumer<? super T> work, T thing, Semaphore slots, AtomicReference<Throwable> failure) {
    try {
      work.accept(thing);
    } catch (Throwable e) { // told by the thread that waits
      failure.compareAndSet(null, e);
    } finally {
      slots.release();
    }
  }

  private static void take(
      int count, Semaphore slots, AtomicReference<Throwable> failure, BooleanSupplier stopped) {
    try {
      while (!slots.tryAcquire(count, LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        check(failure, stopped);
      }
      check(failure, stopped);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    }
  }

  private static void check(AtomicReference<Throwable> failure, BooleanSupplier stopped) {
    rethrow(failure.get());
    if (stopped.getAsBoolean()) {
      throw new CancellationException("stopped; the same command goes on");
    }
  }

  private static void rethrow(@Nullable Throwable failure) {
    switch (failure) {
      case null -> {}
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IllegalStateException("a work threw " + failure, failure);
    }
  }
}
