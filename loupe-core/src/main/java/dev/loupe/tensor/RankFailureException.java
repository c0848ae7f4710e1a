package dev.loupe.tensor;

/** A group of ranks has ended, because some of them are gone or did not arrive in time. */
public final class RankFailureException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  RankFailureException(String message, Throwable cause) {
    super(message, cause);
  }
}
