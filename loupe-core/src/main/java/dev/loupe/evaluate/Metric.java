package dev.loupe.evaluate;

import java.util.OptionalDouble;

/**
 * One number of a report, with its 95 % bootstrap interval over documents.
 *
 * @param value empty where the number has no meaning, as a ratio of which the denominator may be
 *     zero
 * @param tokens how many it was measured on; 0 for numbers about weights
 * @param low end of the interval; empty where documents are not what the number varies with
 * @param high end of the interval
 */
public record Metric(OptionalDouble value, long tokens, OptionalDouble low, OptionalDouble high) {
  static Metric none(long tokens) {
    return new Metric(
        OptionalDouble.empty(), tokens, OptionalDouble.empty(), OptionalDouble.empty());
  }

  /** A number without an interval; none where it is not finite. */
  static Metric plain(double value, long tokens) {
    return new Metric(finite(value), tokens, OptionalDouble.empty(), OptionalDouble.empty());
  }

  static Metric of(double value, long tokens, double low, double high) {
    return new Metric(finite(value), tokens, finite(low), finite(high));
  }

  /** Whether zero is a plausible value; also where there is no interval. */
  boolean mayBeZero() {
    return low.isEmpty() || high.isEmpty() || (low.getAsDouble() <= 0 && high.getAsDouble() >= 0);
  }

  private static OptionalDouble finite(double value) {
    return Double.isFinite(value) ? OptionalDouble.of(value) : OptionalDouble.empty();
  }
}
