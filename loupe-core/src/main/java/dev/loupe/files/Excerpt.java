package dev.loupe.files;

/**
 * What a message repeats of a file, which may be of any length and content: its middle left out,
 * and without the control characters that a terminal obeys.
 */
public final class Excerpt {
  private static final int LONGEST = 1_500; // characters
  private static final int END = 500;

  private Excerpt() {}

  /** The text, or as much of its two ends as a person reads. */
  public static String of(String text) {
    int left = text.length() - LONGEST;
    String cut =
        left <= 0
            ? text
            : "%s … (%,d characters) … %s"
                .formatted(
                    text.substring(0, LONGEST - END), left, text.substring(text.length() - END));
    return cut.replaceAll("[\\p{Cntrl}&&[^\\n\\t]]", "?");
  }
}
