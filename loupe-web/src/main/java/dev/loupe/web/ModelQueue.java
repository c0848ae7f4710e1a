package dev.loupe.web;

import dev.loupe.inference.SuiteModel;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work for the language model, one after the other on one thread, which also opens it at the first.
 * So many may wait; more are refused. Thread-safe. Owns the model until closed.
 */
final class ModelQueue implements AutoCloseable {
  static final int WAITING = 8;
  private static final int KEPT_EVENTS = 4_096;
  private static final Logger LOG = LoggerFactory.getLogger(ModelQueue.class);

  private final Supplier<SuiteModel> open;
  private final ThreadPoolExecutor thread =
      new ThreadPoolExecutor(
          1,
          1,
          0,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(WAITING),
          Thread.ofPlatform().name("model").daemon().factory());
  private volatile @Nullable SuiteModel model; // used by that thread alone until closed
  private volatile double meanSeconds = 1;

  /** Whether work is still wanted, and what it gives. */
  static final class Job {
    private final BlockingQueue<Event> events = new ArrayBlockingQueue<>(KEPT_EVENTS);
    private volatile boolean cancelled;
    private volatile Runnable withdraw = () -> {};

    /** Gives an event to whoever waits; waits itself where nobody takes them. */
    void give(Object event) {
      put(new Event(event, null, false));
    }

    boolean isCancelled() {
      return cancelled;
    }

    /** Leaves its place in the queue, or has the work that runs end soon. */
    void cancel() {
      cancelled = true;
      withdraw.run();
    }

    private void put(Event event) {
      try {
        while (!cancelled && !events.offer(event, 100, TimeUnit.MILLISECONDS)) {}
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        cancelled = true;
      }
    }

    /** The next event; null if there is none in that time. */
    @Nullable Event next(long millis) throws InterruptedException {
      return events.poll(millis, TimeUnit.MILLISECONDS);
    }
  }

  /**
   * Something that work gave.
   *
   * @param value an event; null at the end
   * @param failure why it ended, if it failed
   * @param isLast whether it ended
   */
  record Event(@Nullable Object value, @Nullable Throwable failure, boolean isLast) {}

  ModelQueue(Supplier<SuiteModel> open) {
    this.open = open;
  }

  /** Has work done when its turn comes; 429 where too much is waiting. */
  Job submit(BiConsumer<SuiteModel, Job> work) {
    Job job = new Job();
    Runnable turn = () -> run(work, job);
    job.withdraw = () -> thread.remove(turn);
    try {
      thread.execute(turn);
      return job;
    } catch (RejectedExecutionException e) {
      throw new BusyException(retryAfterSeconds());
    }
  }

  private int retryAfterSeconds() {
    return (int) Math.ceil(Math.min(60, meanSeconds * (WAITING + 1)));
  }

  private void run(BiConsumer<SuiteModel, Job> work, Job job) {
    if (job.isCancelled()) {
      return;
    }
    long start = System.nanoTime();
    try {
      SuiteModel opened = model;
      if (opened == null) {
        opened = open.get();
        model = opened;
      }
      work.accept(opened, job);
      job.put(new Event(null, null, true));
    } catch (RuntimeException | Error e) {
      if (!job.isCancelled()) {
        LOG.debug("work for the model failed", e);
      }
      job.put(new Event(null, e, true));
    }
    meanSeconds = 0.8 * meanSeconds + 0.2 * (System.nanoTime() - start) / 1e9;
  }

  /** Waits for the work that runs, which is told to stop by those who asked for it. */
  @Override
  public void close() {
    thread.shutdownNow();
    try {
      boolean ended = thread.awaitTermination(20, TimeUnit.SECONDS);
      SuiteModel opened = model; // perhaps opened meanwhile
      if (ended && opened != null) {
        opened.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
