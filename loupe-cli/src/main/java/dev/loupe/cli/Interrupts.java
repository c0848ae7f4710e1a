package dev.loupe.cli;

import java.util.concurrent.CountDownLatch;

/**
 * Ctrl-C and SIGTERM: the first asks the work to stop and waits until it has saved; the process
 * then ends with 130 or 143, as the signal says.
 */
final class Interrupts {
  private static final CountDownLatch FINISHED = new CountDownLatch(1);
  private static final CountDownLatch REQUESTED = new CountDownLatch(1);
  private static volatile boolean requested;
  private static volatile boolean saves;
  private static volatile boolean ended;

  private Interrupts() {}

  static void install() {
    Runtime.getRuntime()
        .addShutdownHook(Thread.ofPlatform().name("interrupt").unstarted(Interrupts::stop));
  }

  private static void stop() {
    if (ended) {
      return; // a normal exit
    }
    requested = true;
    REQUESTED.countDown();
    if (saves) {
      System.err.println("\nStopping after this step, and saving ...");
      try {
        FINISHED.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** From here on the work can stop and save: an interrupt waits for it. */
  static void willSave() {
    saves = true;
  }

  /** Whether the user wants to stop. */
  static boolean requested() {
    return requested;
  }

  /** Waits until the user ends the program; the caller then has a moment to close what is open. */
  static void await() {
    saves = false;
    try {
      REQUESTED.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The work is done or saved. */
  static void finish() {
    if (!requested) {
      ended = true;
    }
    FINISHED.countDown();
  }
}
