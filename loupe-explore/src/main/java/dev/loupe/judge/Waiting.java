package dev.loupe.judge;

import java.time.Duration;

/** The clock and the pauses between calls. Thread-safe. */
interface Waiting {
  Waiting REAL =
      new Waiting() {
        @Override
        public long nanos() {
          return System.nanoTime();
        }

        @Override
        public void pause(Duration duration) throws InterruptedException {
          Thread.sleep(duration);
        }
      };

  /** As {@link System#nanoTime()}. */
  long nanos();

  void pause(Duration duration) throws InterruptedException;
}
