package dev.loupe.exchange;

import java.util.Arrays;
import java.util.List;

/** Numbers with as many decimals as a file holds of them. */
final class Decimals {
  private Decimals() {}

  /** Rounded to five decimals, as SAEDashboard does. */
  static double five(double value) {
    return round(value, 1e5);
  }

  /** Rounded to nine decimals: what a share needs, so that rare features keep theirs. */
  static double nine(double share) {
    return round(share, 1e9);
  }

  /** The first so many, as far as there are. */
  static List<Double> five(float[] values, int most) {
    return Arrays.stream(doubles(values)).limit(most).map(Decimals::five).boxed().toList();
  }

  static List<Double> five(float[] values) {
    return five(values, values.length);
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    Arrays.setAll(doubles, i -> values[i]);
    return doubles;
  }

  private static double round(double value, double scale) {
    return Math.rint(value * scale) / scale + 0.0; // no -0.0
  }
}
