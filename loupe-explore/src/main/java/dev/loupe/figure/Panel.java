package dev.loupe.figure;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;

/**
 * One diagram of a figure.
 *
 * @param title empty where the figure has but one
 * @param x of bars and heat: what the categories or columns are
 * @param y of heat: what the rows are
 * @param marks in the order in which they are drawn; a heat stands alone, bars only with bars
 * @param references lines to compare with, none in a heat
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Panel(
    String title, Axis x, Axis y, List<Mark> marks, List<ReferenceLine> references) {
  /** Refuses marks that do not go together or not with the axes. */
  public Panel {
    marks = List.copyOf(marks);
    references = List.copyOf(references);
    Checks.notEmpty("a mark in panel '" + title + "'", marks);
    Checks.distinct(
        "series in panel '" + title + "'",
        marks.stream().map(mark -> mark.getClass().getSimpleName() + " " + mark.name()).toList());
    boolean heat = marks.stream().anyMatch(Mark.Heat.class::isInstance);
    boolean bars = marks.stream().anyMatch(Mark.Bars.class::isInstance);
    if (heat) {
      refuse(title, marks.size() > 1 || !references.isEmpty(), "a heat alone, without lines");
      refuse(title, !plain(x) || !plain(y), "linear axes without bounds for a heat");
    }
    if (bars) {
      refuse(title, !marks.stream().allMatch(Mark.Bars.class::isInstance), "bars only with bars");
      refuse(title, !plain(x), "a linear axis without bounds for the categories of bars");
      refuse(title, y.log(), "a linear axis for bars, whose length is the value");
    }
    for (ReferenceLine line : references) {
      boolean vertical = line.direction() == ReferenceLine.Direction.VERTICAL;
      refuse(title, bars && vertical, "only horizontal lines among bars");
      refuse(
          title,
          (vertical ? x : y).log() && line.at() <= 0,
          "reference lines above 0 on a logarithmic axis");
    }
  }

  private static boolean plain(Axis axis) {
    return !axis.log() && !axis.bounded();
  }

  private static void refuse(String title, boolean wrong, String expected) {
    if (wrong) {
      throw new IllegalArgumentException(
          "expected %s, got something else in panel '%s'".formatted(expected, title));
    }
  }

  /** A panel without reference lines. */
  public static Panel of(String title, Axis x, Axis y, List<? extends Mark> marks) {
    return new Panel(title, x, y, List.copyOf(marks), List.of());
  }

  /** With lines to compare with. */
  public Panel with(ReferenceLine... lines) {
    return new Panel(title, x, y, marks, List.of(lines));
  }
}
