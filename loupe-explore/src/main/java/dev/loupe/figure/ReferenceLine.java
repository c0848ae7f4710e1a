package dev.loupe.figure;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * A value to compare with, as a line through a panel.
 *
 * @param at the value on the axis that the line crosses
 * @param label written along it; may be empty
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record ReferenceLine(Direction direction, double at, String label) {
  /** Whether a line marks a y (horizontal) or an x (vertical). */
  public enum Direction {
    @JsonProperty("horizontal")
    HORIZONTAL,
    @JsonProperty("vertical")
    VERTICAL
  }

  /** Refuses what is not finite. */
  public ReferenceLine {
    Checks.finite("the place of a reference line", at);
  }

  /** At a y. */
  public static ReferenceLine horizontal(double y, String label) {
    return new ReferenceLine(Direction.HORIZONTAL, y, label);
  }

  /** At an x. */
  public static ReferenceLine vertical(double x, String label) {
    return new ReferenceLine(Direction.VERTICAL, x, label);
  }
}
