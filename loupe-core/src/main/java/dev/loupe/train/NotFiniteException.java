package dev.loupe.train;

/** A loss or a gradient that is infinite or not a number. */
public final class NotFiniteException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  NotFiniteException(String message) {
    super(message);
  }
}
