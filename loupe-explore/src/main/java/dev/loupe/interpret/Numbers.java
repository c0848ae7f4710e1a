package dev.loupe.interpret;

import dev.loupe.analyze.Wilson;
import dev.loupe.store.FeatureRow;
import java.util.Arrays;
import java.util.Random;
import java.util.function.DoubleSupplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/** Shares, areas and correlations with their 95 % intervals. */
final class Numbers {
  private static final int RESAMPLES = 1_000;

  private Numbers() {}

  /** A share with Wilson's score interval (Wilson 1927). */
  static Interval share(int hits, int tries) {
    if (tries == 0) {
      return Interval.UNKNOWN;
    }
    FeatureRow.Interval share = Wilson.interval(hits, tries);
    return new Interval(share.value(), share.low(), share.high());
  }

  /**
   * The mean of two shares. Its interval is from both Wilson intervals by the method of Newcombe
   * (1998): unlike the normal one it has a width where a share is 0 or 1.
   */
  static Interval meanOfShares(int hits, int tries, int otherHits, int otherTries) {
    if (tries == 0 || otherTries == 0) {
      return Interval.UNKNOWN;
    }
    Interval one = share(hits, tries);
    Interval other = share(otherHits, otherTries);
    double mean = (one.value() + other.value()) / 2;
    double below = Math.hypot(one.value() - one.low(), other.value() - other.low()) / 2;
    double above = Math.hypot(one.high() - one.value(), other.high() - other.value()) / 2;
    return new Interval(mean, mean - below, mean + above);
  }

  /**
   * The share of pairs in which the positive is larger, ties half (Mann-Whitney), its interval by
   * resampling positives and negatives each.
   */
  static Interval auc(double[] positives, double[] negatives, long seed) {
    if (positives.length == 0 || negatives.length == 0) {
      return Interval.UNKNOWN;
    }
    Random random = new Random(seed);
    return resampled(
        area(positives, negatives),
        () -> area(resample(positives, random), resample(negatives, random)));
  }

  /** Over an array of values, for numbers of one sample. */
  static <T> Interval bootstrap(T[] items, ToDoubleFunction<T[]> number, long seed) {
    Random random = new Random(seed);
    return resampled(
        number.applyAsDouble(items),
        () -> {
          T[] again = items.clone();
          for (int i = 0; i < again.length; i++) {
            again[i] = items[random.nextInt(items.length)];
          }
          return number.applyAsDouble(again);
        });
  }

  private static Interval resampled(double value, DoubleSupplier resample) {
    double[] values =
        DoubleStream.generate(resample)
            .limit(RESAMPLES)
            .filter(Double::isFinite)
            .sorted()
            .toArray();
    if (values.length == 0) {
      return new Interval(value, Double.NaN, Double.NaN);
    }
    int cut = (int) (0.025 * values.length);
    return new Interval(
        value, Math.min(value, values[cut]), Math.max(value, values[values.length - 1 - cut]));
  }

  private static double[] resample(double[] values, Random random) {
    double[] again = new double[values.length];
    for (int i = 0; i < again.length; i++) {
      again[i] = values[random.nextInt(values.length)];
    }
    return again;
  }

  /** By ranks: each positive's place among the sorted negatives. */
  static double area(double[] positives, double[] negatives) {
    double[] sorted = negatives.clone();
    Arrays.sort(sorted);
    double sum = 0;
    for (double positive : positives) {
      sum += (below(sorted, positive, false) + below(sorted, positive, true)) / 2.0;
    }
    return sum / ((double) positives.length * negatives.length);
  }

  /** How many of sorted values are less than one, or no more than it. */
  private static int below(double[] sorted, double value, boolean orEqual) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      boolean left = orEqual ? sorted[middle] <= value : sorted[middle] < value;
      low = left ? middle + 1 : low;
      high = left ? high : middle;
    }
    return low;
  }

  /** Pearson's r of pairs; NaN where one side does not vary. */
  static double correlation(double[] x, double[] y) {
    double meanX = Arrays.stream(x).average().orElse(0);
    double meanY = Arrays.stream(y).average().orElse(0);
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (int i = 0; i < x.length; i++) {
      xy += (x[i] - meanX) * (y[i] - meanY);
      xx += (x[i] - meanX) * (x[i] - meanX);
      yy += (y[i] - meanY) * (y[i] - meanY);
    }
    return xy / Math.sqrt(xx * yy);
  }
}
