package dev.loupe.probing;

import dev.loupe.evaluate.Metric;
import dev.loupe.evaluate.Series;

/** A number with its 95 % bootstrap interval (percentiles of the resamples). */
public record Score(double value, double low, double high) {
  public Score {
    if (!Double.isFinite(value) || !(low <= high)) {
      throw new IllegalArgumentException(
          "expected a number with an interval, got %f (%f to %f)".formatted(value, low, high));
    }
  }

  static Score of(Series series) {
    Metric metric = series.metric(0);
    return new Score(
        metric.value().orElse(Double.NaN),
        metric.low().orElse(Double.NaN),
        metric.high().orElse(Double.NaN));
  }
}
