package dev.loupe.figure;

import dev.loupe.figure.Ticks.Tick;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * An axis as drawn: what it spans, and its ticks.
 *
 * @param low value at its beginning
 * @param high value at its end
 * @param log whether equal lengths are equal ratios
 * @param categories whether its places are words: number i of n at i + 0.5, of 0 to n
 */
record Ruler(double low, double high, boolean log, boolean categories, Ticks ticks) {
  private static final double PADDING = 0.04; // of its length, beyond values at the rim
  private static final double SAME = 1e-12; // relative: values that differ by rounding only
  private static final double SHORTEST = 1e-250;
  private static final double LONGEST = 1e250;

  private record Span(double low, double high) {}

  /** For numbers: from bound to bound, else a little beyond the values. */
  static Ruler numbers(Axis axis, Extent extent, int mostTicks) {
    Span values = axis.log() ? logSpan(extent) : linearSpan(extent);
    Span span = bounded(axis, values);
    if (!(span.high - span.low >= SHORTEST && span.high - span.low <= LONGEST)) {
      throw new IllegalArgumentException(
          "expected values of the axis '%s' that span %s to %s, got %s to %s"
              .formatted(axis.label(), SHORTEST, LONGEST, span.low, span.high));
    }
    Ticks ticks =
        axis.log()
            ? Ticks.log(span.low, span.high, mostTicks)
            : Ticks.linear(span.low, span.high, mostTicks, extent.whole() && !extent.empty());
    return new Ruler(span.low, span.high, axis.log(), false, ticks);
  }

  /** For colours: from bound to bound, else exactly from the least to the largest. */
  static Ruler exact(Axis axis, DoubleStream values) {
    Extent extent = Extent.of(axis, values);
    return numbers(axis, new Extent(extent.low(), extent.high(), true, true, extent.whole()), 2);
  }

  /** With fixed ends; one beyond all values is still an end of something. */
  private static Span bounded(Axis axis, Span values) {
    double low = axis.low().orElse(values.low);
    double high = axis.high().orElse(values.high);
    if (low < high) {
      return new Span(low, high);
    }
    return axis.low().isPresent()
        ? new Span(low, axis.log() ? low * 10 : low + Math.max(1, Math.abs(low)))
        : new Span(axis.log() ? high / 10 : high - Math.max(1, Math.abs(high)), high);
  }

  private static Span linearSpan(Extent extent) {
    if (extent.empty()) {
      return new Span(0, 1);
    }
    double low = extent.low();
    double high = extent.high();
    if (high - low <= SAME * Math.max(Math.abs(low), Math.abs(high))) {
      double half = low == 0 ? 1 : Math.abs(low) / 2;
      return new Span(low - half, high + half);
    }
    double padding = PADDING * (high - low);
    boolean fromZero = low > 0 && low < padding;
    return new Span(
        extent.snugLow() ? low : fromZero ? 0 : low - padding,
        extent.snugHigh() ? high : high + padding);
  }

  private static Span logSpan(Extent extent) {
    if (extent.empty()) {
      return new Span(1, 10);
    }
    double low = extent.low();
    double high = extent.high();
    if (high - low <= SAME * high) {
      return new Span(low / 3, high * 3);
    }
    double factor = StrictMath.pow(high / low, PADDING);
    return new Span(
        extent.snugLow() ? low : low / factor, extent.snugHigh() ? high : high * factor);
  }

  /** For words. */
  static Ruler words(List<String> labels) {
    List<Tick> ticks =
        IntStream.range(0, labels.size()).mapToObj(i -> new Tick(i + 0.5, labels.get(i))).toList();
    return new Ruler(0, labels.size(), false, true, new Ticks(ticks, List.of()));
  }

  /** Whether a value has its place within the ends. */
  boolean holds(double value) {
    return value >= low && value <= high;
  }

  /** Share of the length at which a value lies, below 0 and above 1 beyond the ends. */
  double fraction(double value) {
    if (log) {
      double place = value <= 0 ? Double.NEGATIVE_INFINITY : StrictMath.log10(value / low);
      return place / StrictMath.log10(high / low);
    }
    return (value - low) / (high - low);
  }
}
