package dev.loupe.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number with a unit: {@code 600k}, {@code 1.5M}, {@code 2Gi}. K, M, G are decimal, Ki, Mi, Gi
 * binary.
 *
 * @param value the number
 */
public record Quantity(long value) {
  private static final Pattern FORM =
      Pattern.compile("(\\d+(?:\\.\\d+)?|\\d{1,3}(?:[,_]\\d{3})+)([kKmMgG]i?)?");

  public static Quantity parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "expected a number such as 600000, 600k, 1.5M or 2Gi, got '" + text + "'");
    }
    double number = Double.parseDouble(matcher.group(1).replaceAll("[,_]", ""));
    double exact = number * unit(matcher.group(2) == null ? "" : matcher.group(2));
    if (exact != Math.rint(exact) || exact > 1L << 53) {
      throw new IllegalArgumentException("expected a whole number, got '" + text + "'");
    }
    return new Quantity((long) exact);
  }

  private static double unit(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "" -> 1;
      case "k" -> 1e3;
      case "m" -> 1e6;
      case "g" -> 1e9;
      case "ki" -> 1 << 10;
      case "mi" -> 1 << 20;
      case "gi" -> 1 << 30;
      default -> throw new IllegalArgumentException("expected a unit of k, M, G, Ki, Mi or Gi");
    };
  }

  int intValue() {
    return Math.toIntExact(value);
  }
}
