package dev.loupe.figure;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;

/**
 * A figure: small multiples that share what they have in common, see {@link Axis} and {@link Mark}.
 *
 * @param columns panels beside each other where there is room; 0: as fits their number
 * @param panels row by row
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Figure(
    String id, String title, String caption, String command, int columns, List<Panel> panels)
    implements Exhibit {
  /** More panels beside each other would be too small to read. */
  public static final int MOST_COLUMNS = 6;

  /** Refuses an id that is no file name, and a figure without panels. */
  public Figure {
    Checks.id("a figure", id);
    Checks.notBlank("a title of figure " + id, title);
    panels = List.copyOf(panels);
    Checks.notEmpty("a panel of figure " + id, panels);
    if (columns < 0 || columns > MOST_COLUMNS) {
      throw new IllegalArgumentException(
          "expected 0 to %d columns of figure %s, got %d".formatted(MOST_COLUMNS, id, columns));
    }
  }

  /** A figure whose panels are placed by their number. */
  public static Figure of(
      String id, String title, String caption, String command, List<Panel> panels) {
    return new Figure(id, title, caption, command, 0, panels);
  }

  @Override
  public FigureTable table() {
    return FigureData.table(this);
  }
}
