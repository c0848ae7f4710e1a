package dev.loupe.probing;

import dev.loupe.text.Progress;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/** Tells how many tables are probed, and stops work when asked. For several threads. */
final class Steps {
  private final Progress progress;
  private final BooleanSupplier stop;
  private final int total;
  private int done;

  /**
   * @param stop whether to stop
   * @param total tables that will be probed
   */
  Steps(Progress progress, BooleanSupplier stop, int total) {
    this.progress = progress;
    this.stop = stop;
    this.total = total;
  }

  /** CancellationException where the work is to stop. */
  void check() {
    if (stop.getAsBoolean()) {
      throw new CancellationException("stopped while probing");
    }
  }

  /** A table is done, with this result. */
  synchronized <T> T done(T result) {
    done++;
    progress.report("probing (tables)", done, total);
    return result;
  }
}
