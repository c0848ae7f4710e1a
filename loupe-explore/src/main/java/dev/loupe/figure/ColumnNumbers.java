package dev.loupe.figure;

import java.util.List;

/**
 * How the numbers of a column are written: with the same decimals, four digits of the largest,
 * unless the small ones would lose theirs.
 */
final class ColumnNumbers {
  private static final int DIGITS = 4;
  private static final int MOST_DECIMALS = 6;
  private static final int EACH = -1;

  private final int decimals;

  ColumnNumbers(List<Double> values) {
    double largest = 0;
    double least = Double.POSITIVE_INFINITY;
    boolean whole = true;
    for (double value : values) {
      double size = Math.abs(value);
      whole &= value == StrictMath.rint(value);
      largest = Math.max(largest, size);
      least = size > 0 ? Math.min(least, size) : least;
    }
    int digits = largest > 0 ? (int) Math.floor(StrictMath.log10(largest)) + 1 : 1;
    int fitting = Math.clamp(DIGITS - (long) digits, 0, MOST_DECIMALS);
    boolean lost = least < StrictMath.pow(10, 1 - fitting) && least < largest;
    decimals = whole || lost || largest >= 1e7 ? EACH : fitting;
  }

  /** A number of the column; "–" for none. */
  String text(double value) {
    return decimals == EACH || Double.isNaN(value)
        ? Numbers.text(value)
        : Numbers.fixed(value, decimals);
  }
}
