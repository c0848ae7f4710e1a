package dev.loupe.judge;

/**
 * A judge cannot be asked any more. The message holds what was expected, what was got, from where,
 * and what to do next; never a key. What was answered is kept.
 */
public final class JudgeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public JudgeException(String message) {
    super(message);
  }
}
