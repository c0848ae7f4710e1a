package dev.loupe.web;

/** Too much work is waiting for the model. */
final class BusyException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int retryAfterSeconds;

  BusyException(int retryAfterSeconds) {
    super("the model is busy with others; try again in %d s".formatted(retryAfterSeconds));
    this.retryAfterSeconds = retryAfterSeconds;
  }

  int retryAfterSeconds() {
    return retryAfterSeconds;
  }
}
