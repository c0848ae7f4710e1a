package dev.loupe.figure;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Locale;

/**
 * Numbers as a figure writes them: rounded, grouped with commas, large and small ones by powers.
 */
final class Numbers {
  private static final String SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  private static final int DIGITS = 4;
  private static final double LARGE = 1e7;
  private static final double SMALL = 1e-3;
  private static final double EXACT_WHOLE = 1L << 53;

  private Numbers() {}

  /** With four significant digits, whole numbers in full up to 10 million; "–" for none. */
  static String text(double value) {
    if (Double.isNaN(value)) {
      return "–";
    }
    double size = Math.abs(value);
    if (size != 0 && (size >= LARGE || size < SMALL)) {
      return scientific(value);
    }
    if (value == StrictMath.rint(value)) {
      return fixed(value, 0);
    }
    BigDecimal rounded = BigDecimal.valueOf(value).round(new MathContext(DIGITS));
    return fixed(rounded.doubleValue(), Math.max(0, rounded.stripTrailingZeros().scale()));
  }

  /** With its interval, if any. */
  static String text(Estimate estimate) {
    return estimate.interval()
        ? "%s [%s, %s]"
            .formatted(text(estimate.value()), text(estimate.low()), text(estimate.high()))
        : text(estimate.value());
  }

  /** With so many decimals. */
  static String fixed(double value, int decimals) {
    DecimalFormat format =
        new DecimalFormat("#,##0", DecimalFormatSymbols.getInstance(Locale.ROOT));
    format.setMinimumFractionDigits(decimals);
    format.setMaximumFractionDigits(decimals);
    format.setRoundingMode(RoundingMode.HALF_EVEN);
    return signed(format.format(value == 0 ? 0.0 : value));
  }

  private static String scientific(double value) {
    BigDecimal rounded = BigDecimal.valueOf(value).round(new MathContext(DIGITS - 1));
    BigDecimal digits = rounded.stripTrailingZeros();
    int exponent = digits.precision() - digits.scale() - 1;
    String mantissa = digits.movePointLeft(exponent).toPlainString();
    return signed(mantissa.equals("1") ? power(exponent) : mantissa + "×" + power(exponent));
  }

  /** A power of ten. */
  static String power(int exponent) {
    StringBuilder text = new StringBuilder("10").append(exponent < 0 ? "⁻" : "");
    Integer.toString(Math.abs(exponent))
        .chars()
        .forEach(digit -> text.append(SUPERSCRIPTS.charAt(digit - '0')));
    return text.toString();
  }

  private static String signed(String text) {
    return text.startsWith("-") ? "−" + text.substring(1) : text;
  }

  /** In full, as programs read it; empty for none. */
  static String exact(double value) {
    if (Double.isNaN(value)) {
      return "";
    }
    return value == StrictMath.rint(value) && Math.abs(value) < EXACT_WHOLE
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  /** A length in a drawing: hundredths at most. */
  static String length(double value) {
    double rounded = Math.round(value * 100) / 100.0;
    return rounded == StrictMath.rint(rounded)
        ? Long.toString((long) rounded)
        : Double.toString(rounded);
  }
}
