package dev.loupe.search;

import java.time.Duration;

/** When a search must end: a regular expression can take for ever on a short text. */
final class Deadline {
  private static final int LOOKS = 1_024; // between two looks at the clock

  private final long end;
  private final long seconds;
  private int looks;

  Deadline(Duration duration) {
    this.end = System.nanoTime() + duration.toNanos();
    this.seconds = duration.toSeconds();
  }

  /**
   * A text that ends a search in it when the time is over.
   *
   * @throws IllegalArgumentException from {@code charAt}, then
   */
  CharSequence over(CharSequence text) {
    return new Watched(text);
  }

  private void check() {
    if (++looks % LOOKS == 0 && System.nanoTime() > end) {
      throw new IllegalArgumentException(
          "expected a query that ends in %d s, got one that does not; simplify it"
              .formatted(seconds));
    }
  }

  private final class Watched implements CharSequence {
    private final CharSequence text;

    Watched(CharSequence text) {
      this.text = text;
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public char charAt(int index) {
      check();
      return text.charAt(index);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return new Watched(text.subSequence(start, end));
    }

    @Override
    public String toString() {
      return text.toString();
    }
  }
}
