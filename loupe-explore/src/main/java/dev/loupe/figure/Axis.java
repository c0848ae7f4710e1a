package dev.loupe.figure;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.OptionalDouble;

/**
 * What a direction of a panel means. Panels of a figure whose axes are equal share one: the same
 * span, labelled once.
 *
 * @param label what is measured
 * @param unit empty for pure numbers
 * @param low where the axis begins; empty: where the values do
 * @param high where it ends; likewise
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Axis(
    String label, String unit, Scale scale, OptionalDouble low, OptionalDouble high) {
  /** How values become lengths. A logarithmic axis has no place for 0 and less. */
  public enum Scale {
    @JsonProperty("linear")
    LINEAR,
    @JsonProperty("log")
    LOG
  }

  /** Refuses bounds that are not finite, out of order, or, on a logarithmic axis, not positive. */
  public Axis {
    Checks.notBlank("the label of an axis", label);
    low.ifPresent(bound -> checkBound(label, scale, bound));
    high.ifPresent(bound -> checkBound(label, scale, bound));
    if (low.isPresent() && high.isPresent() && !(low.getAsDouble() < high.getAsDouble())) {
      throw new IllegalArgumentException(
          "expected bounds low < high of the axis '%s', got %s and %s"
              .formatted(label, low.getAsDouble(), high.getAsDouble()));
    }
  }

  private static void checkBound(String label, Scale scale, double bound) {
    Checks.finite("a bound of the axis '" + label + "'", bound);
    if (scale == Scale.LOG && bound <= 0) {
      throw new IllegalArgumentException(
          "expected bounds above 0 of the logarithmic axis '%s', got %s".formatted(label, bound));
    }
  }

  /** Spans what its values span. */
  public static Axis linear(String label, String unit) {
    return new Axis(label, unit, Scale.LINEAR, OptionalDouble.empty(), OptionalDouble.empty());
  }

  /** Likewise, with equal lengths for equal ratios. */
  public static Axis log(String label, String unit) {
    return new Axis(label, unit, Scale.LOG, OptionalDouble.empty(), OptionalDouble.empty());
  }

  /** With fixed ends; what lies outside is not drawn, and the panel says how much that is. */
  public Axis within(double newLow, double newHigh) {
    return new Axis(label, unit, scale, OptionalDouble.of(newLow), OptionalDouble.of(newHigh));
  }

  /** Beginning at a fixed value. */
  public Axis from(double newLow) {
    return new Axis(label, unit, scale, OptionalDouble.of(newLow), high);
  }

  boolean log() {
    return scale == Scale.LOG;
  }

  boolean bounded() {
    return low.isPresent() || high.isPresent();
  }

  /** The label with the unit, if any. */
  String text() {
    return unit.isEmpty() ? label : label + " (" + unit + ")";
  }
}
