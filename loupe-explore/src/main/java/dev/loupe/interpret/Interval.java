package dev.loupe.interpret;

import dev.loupe.store.FeatureRow;
import java.util.Optional;

/** A number with its 95 % interval. */
public record Interval(double value, double low, double high) {
  /** Where there is nothing to tell from. */
  static final Interval UNKNOWN = new Interval(Double.NaN, 0, 1);

  /** As it is kept; empty where the value is not known. */
  Optional<FeatureRow.Interval> kept() {
    return Double.isNaN(value)
        ? Optional.empty()
        : Optional.of(new FeatureRow.Interval(value, low, high));
  }
}
