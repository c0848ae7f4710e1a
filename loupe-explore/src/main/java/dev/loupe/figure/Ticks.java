package dev.loupe.figure;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Where an axis is labelled.
 *
 * @param major with their labels, ascending, all within the axis
 * @param minor between them, without labels: of a logarithmic axis, 2 to 9 times each power of ten
 */
record Ticks(List<Tick> major, List<Double> minor) {
  private static final double MILLION = 1e6;
  private static final double BILLION = 1e9;
  private static final double LARGEST = 1e13; // that is written in billions
  private static final int MOST_DECIMALS = 6;
  private static final double SLACK = 1e-9; // of a step: ends that rounding moved

  private static final int[] DIGITS = {1, 2, 5};

  /** A labelled value. */
  record Tick(double value, String label) {}

  /**
   * Multiples of 1, 2 or 5 times a power of ten.
   *
   * @param most ticks wanted, at least 2; as many as 5 where fewer would leave one alone
   * @param whole whether a fraction would have no meaning
   */
  static Ticks linear(double low, double high, int most, boolean whole) {
    double rough = (high - low) / most;
    int exponent = (int) Math.floor(StrictMath.log10(rough));
    double mantissa = rough / StrictMath.pow(10, exponent);
    // steps are numbered: 3 a power of ten, so that the next finer one is one less
    int number = 3 * exponent;
    for (int digit : DIGITS) {
      number += mantissa > digit + SLACK ? 1 : 0;
    }
    int least = whole ? 0 : Integer.MIN_VALUE;
    Ticks ticks = step(low, high, Math.max(number, least));
    while (ticks.major.size() < 2 && number > least) {
      number--;
      ticks = step(low, high, Math.max(number, least));
    }
    return ticks;
  }

  private static Ticks step(double low, double high, int number) {
    return multiples(low, high, DIGITS[Math.floorMod(number, 3)], Math.floorDiv(number, 3));
  }

  private static Ticks multiples(double low, double high, int digit, int exponent) {
    double power = StrictMath.pow(10, Math.abs(exponent));
    double step = exponent < 0 ? digit / power : digit * power;
    long first = (long) Math.ceil(low / step - SLACK);
    long last = (long) Math.floor(high / step + SLACK);
    double largest = Math.max(Math.abs(low), Math.abs(high));
    List<Tick> ticks = new ArrayList<>();
    for (long i = first; i <= last; i++) {
      // whole numbers first, so that 3 × 0.1 is 0.3
      double value = exponent < 0 ? i * digit / power : i * digit * power;
      ticks.add(new Tick(value, label(value, exponent, largest)));
    }
    return new Ticks(List.copyOf(ticks), List.of());
  }

  /** With the decimals that the step has, in millions or billions where the axis reaches them. */
  private static String label(double value, int exponent, double largest) {
    int shift = largest >= BILLION ? 9 : largest >= MILLION ? 6 : 0;
    int decimals = Math.max(0, shift - exponent);
    if (value == 0) {
      return "0";
    }
    if (decimals > MOST_DECIMALS || largest >= LARGEST) {
      return Numbers.text(value);
    }
    String suffix = shift == 9 ? "G" : shift == 6 ? "M" : "";
    return Numbers.fixed(value / StrictMath.pow(10, shift), decimals) + suffix;
  }

  /**
   * Powers of ten; over less than two of them also 2 and 5, or 3, times each, and over a short span
   * multiples as on a linear axis.
   *
   * @param low above 0
   */
  static Ticks log(double low, double high, int most) {
    int first = (int) Math.ceil(StrictMath.log10(low) - SLACK);
    int last = (int) Math.floor(StrictMath.log10(high) + SLACK);
    if (last - first < 2) {
      return new Ticks(shortSpan(low, high, most), minor(low, high));
    }
    int every = Math.ceilDiv(last - first + 1, Math.max(1, most));
    boolean plain = first >= -2 && last <= 4;
    List<Tick> decades =
        IntStream.rangeClosed(first, last)
            .filter(exponent -> Math.floorMod(exponent, every) == 0)
            .mapToObj(exponent ->
                new Tick(
                    ten(exponent), plain ? Numbers.text(ten(exponent)) : Numbers.power(exponent)))
            .toList();
    return new Ticks(decades, every == 1 ? minor(low, high) : List.of());
  }

  private static List<Tick> shortSpan(double low, double high, int most) {
    List<Tick> fine = labelled(multiplesOfPowers(low, high, 1, 2, 5));
    if (fine.size() < 3) {
      return linear(low, high, Math.min(4, most), false).major();
    }
    if (fine.size() <= most) {
      return fine;
    }
    List<Tick> coarse = labelled(multiplesOfPowers(low, high, 1, 3));
    List<Tick> powers = labelled(multiplesOfPowers(low, high, 1));
    return coarse.size() > most && powers.size() > 1 ? powers : coarse;
  }

  private static List<Tick> labelled(List<Double> values) {
    return values.stream().map(value -> new Tick(value, Numbers.text(value))).toList();
  }

  private static List<Double> minor(double low, double high) {
    return multiplesOfPowers(low, high, 2, 3, 4, 5, 6, 7, 8, 9);
  }

  private static List<Double> multiplesOfPowers(double low, double high, int... digits) {
    List<Double> values = new ArrayList<>();
    int last = (int) Math.floor(StrictMath.log10(high) + SLACK);
    for (int exponent = (int) Math.floor(StrictMath.log10(low)); exponent <= last; exponent++) {
      for (int digit : digits) {
        double value = exponent < 0 ? digit / ten(-exponent) : digit * ten(exponent);
        if (value >= low * (1 - SLACK) && value <= high * (1 + SLACK)) {
          values.add(value);
        }
      }
    }
    return values;
  }

  /** Exact for whole powers: 1 / 10³ is the number nearest to 0.001. */
  private static double ten(int exponent) {
    return exponent < 0 ? 1 / StrictMath.pow(10, -exponent) : StrictMath.pow(10, exponent);
  }
}
