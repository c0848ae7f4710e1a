package dev.loupe.figure;

/**
 * How wide text will be. No font is at hand, and each reader has another: widths are those of
 * DejaVu Sans, which is wider than what most readers have.
 */
final class Words {
  private Words() {}

  /** In the units of the font's size. */
  static double width(String text, double size) {
    return size * text.codePoints().mapToDouble(Words::width).sum();
  }

  private static double width(int c) {
    if ("ijl.,:;|!'()[]ft /⁻⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(c) >= 0) {
      return 0.39;
    }
    if ("mwMW@%—".indexOf(c) >= 0) {
      return 0.95;
    }
    if (c >= 0x2E80) {
      return 1;
    }
    return Character.isUpperCase(c) ? 0.7 : 0.62;
  }

  /** Cut to a width, from the middle: names of a kind differ at their ends. */
  static String fit(String text, double size, double width) {
    int[] letters = text.codePoints().toArray();
    int kept = letters.length;
    String shown = text;
    while (kept > 0 && width(shown, size) > width) {
      kept--;
      int end = kept / 3;
      shown =
          new String(letters, 0, kept - end).stripTrailing()
              + "…"
              + new String(letters, letters.length - end, end).stripLeading();
    }
    return shown;
  }
}
