package dev.loupe.evaluate;

import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;

/**
 * A statistic on all documents (first) and on each resample of them. Arithmetic goes element by
 * element, so that differences and ratios are paired: both sides see the same documents.
 */
@SuppressWarnings("ArrayRecordComponent") // one column of numbers; never compared
public record Series(double[] values) { // [1 + samples]
  private static final double TAIL = 0.025;

  public Series plus(Series other) {
    return with(other, Double::sum);
  }

  Series minus(Series other) {
    return with(other, (a, b) -> a - b);
  }

  public Series over(Series other) {
    return with(other, (a, b) -> a / b);
  }

  public Series over(double divisor) {
    return new Series(Arrays.stream(values).map(value -> value / divisor).toArray());
  }

  /** 1 − each. */
  Series complement() {
    return new Series(Arrays.stream(values).map(value -> 1 - value).toArray());
  }

  private Series with(Series other, DoubleBinaryOperator operator) {
    double[] result = new double[values.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = operator.applyAsDouble(values[i], other.values[i]);
    }
    return new Series(result);
  }

  /** The number with its percentile interval, from the resamples on which it is defined. */
  public Metric metric(long tokens) {
    double[] sorted =
        Arrays.stream(values, 1, values.length).filter(Double::isFinite).sorted().toArray();
    return Metric.of(values[0], tokens, quantile(sorted, TAIL), quantile(sorted, 1 - TAIL));
  }

  /** Linear between the two nearest of the sorted values; NaN where there are none. */
  static double quantile(double[] sorted, double share) {
    if (sorted.length == 0) {
      return Double.NaN;
    }
    double place = share * (sorted.length - 1);
    int below = (int) place;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }
}
