package dev.loupe.files;

import dev.loupe.kernel.Range;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One of several parts of a work that processes share, written {@code 2/7}.
 *
 * @param number from 1 on
 * @param of how many parts there are
 */
public record WorkPart(int number, int of) {
  /** All of it. */
  public static final WorkPart WHOLE = new WorkPart(1, 1);

  private static final Pattern TEXT = Pattern.compile("(\\d{1,9})/(\\d{1,9})");

  public WorkPart {
    if (number < 1 || number > of) {
      throw new IllegalArgumentException(
          "expected a part from 1/%1$d to %1$d/%1$d, got %2$d/%1$d".formatted(of, number));
    }
  }

  /** Reads {@code 2/7}. */
  public static WorkPart parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("expected a part such as 2/7, got " + text);
    }
    return new WorkPart(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
  }

  /** Which of {@code count} things it has: consecutive, as nearly as many as any other part. */
  public Range range(int count) {
    return new Range((int) ((long) count * (number - 1) / of), (int) ((long) count * number / of));
  }

  @Override
  public String toString() {
    return number + "/" + of;
  }
}
