package dev.loupe.figure;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import java.util.OptionalDouble;

/**
 * A measured number, perhaps with an interval, or none. In JSON {@code 0.93}, {@code [0.93, 0.92,
 * 0.95]} (value, low, high) or {@code null}.
 *
 * @param value NaN where nothing was measured
 * @param low end of its interval; NaN where it has none
 * @param high end of its interval, at least low; NaN where it has none
 */
@JsonSerialize(using = EstimateJson.Writer.class)
@JsonDeserialize(using = EstimateJson.Reader.class)
public record Estimate(double value, double low, double high) {
  /** Nothing was measured: a gap. */
  public static final Estimate NONE = new Estimate(Double.NaN, Double.NaN, Double.NaN);

  /** Refuses infinite numbers, half an interval, and an interval of nothing. */
  public Estimate {
    if (Double.isInfinite(value) || Double.isInfinite(low) || Double.isInfinite(high)) {
      throw new IllegalArgumentException(
          "expected finite numbers, got %s [%s, %s]".formatted(value, low, high));
    }
    boolean bare = Double.isNaN(low) && Double.isNaN(high);
    if (!bare && (Double.isNaN(value) || !(low <= high))) {
      throw new IllegalArgumentException(
          "expected an interval [low, high] of a number, got %s [%s, %s]"
              .formatted(value, low, high));
    }
  }

  /** A number without interval; {@link #NONE} for NaN. */
  public static Estimate of(double value) {
    return new Estimate(value, Double.NaN, Double.NaN);
  }

  /** A number with its interval. */
  public static Estimate of(double value, double low, double high) {
    return new Estimate(value, low, high);
  }

  /** As far as there is one; the interval only with both ends and a number. */
  public static Estimate of(OptionalDouble value, OptionalDouble low, OptionalDouble high) {
    return value.isPresent() && low.isPresent() && high.isPresent()
        ? of(value.getAsDouble(), low.getAsDouble(), high.getAsDouble())
        : of(value.orElse(Double.NaN));
  }

  /** Whether there is a number. */
  public boolean measured() {
    return !Double.isNaN(value);
  }

  /** Whether it has an interval. */
  public boolean interval() {
    return !Double.isNaN(low);
  }
}
