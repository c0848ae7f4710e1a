package dev.loupe.figure;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A table.
 *
 * @param columns with distinct headings
 * @param rows [rows, columns]
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record FigureTable(
    String id,
    String title,
    String caption,
    String command,
    List<Column> columns,
    List<List<Cell>> rows)
    implements Exhibit {
  /**
   * What a column holds.
   *
   * @param unit empty for words and pure numbers
   */
  public record Column(String heading, String unit) {
    public Column {
      Checks.notBlank("the heading of a column", heading);
    }

    /** A column without a unit. */
    public static Column of(String heading) {
      return new Column(heading, "");
    }

    String text() {
      return unit.isEmpty() ? heading : heading + " (" + unit + ")";
    }
  }

  /** Refuses rows of another length than the headings. */
  public FigureTable {
    Checks.id("a table", id);
    Checks.notBlank("a title of table " + id, title);
    columns = List.copyOf(columns);
    rows = rows.stream().map(List::copyOf).toList();
    Checks.notEmpty("a column of table " + id, columns);
    Checks.distinct("headings of table " + id, columns.stream().map(Column::heading).toList());
    for (int i = 0; i < rows.size(); i++) {
      if (rows.get(i).size() != columns.size()) {
        throw new IllegalArgumentException(
            "expected %d cells in row %d of table %s, got %d"
                .formatted(columns.size(), i, id, rows.get(i).size()));
      }
    }
  }

  @Override
  public FigureTable table() {
    return this;
  }

  /** Whether a column holds numbers only. */
  boolean numeric(int column) {
    return rows.stream().allMatch(row -> row.get(column) instanceof Cell.Measured);
  }

  /** The numbers of a column, without their intervals. */
  List<Double> values(int column) {
    return rows.stream()
        .map(row -> row.get(column))
        .filter(cell -> cell instanceof Cell.Measured(Estimate estimate) && estimate.measured())
        .map(cell -> ((Cell.Measured) cell).estimate().value())
        .toList();
  }

  /** Whether a number of a column has an interval. */
  boolean intervals(int column) {
    return rows.stream()
        .anyMatch(row ->
            row.get(column) instanceof Cell.Measured(Estimate estimate) && estimate.interval());
  }

  /** Only the columns that hold something; all where none does. */
  FigureTable withoutEmptyColumns() {
    List<Integer> kept = IntStream.range(0, columns.size()).filter(i -> !empty(i)).boxed().toList();
    return kept.isEmpty()
        ? this
        : new FigureTable(
            id,
            title,
            caption,
            command,
            kept.stream().map(columns::get).toList(),
            rows.stream().map(row -> kept.stream().map(row::get).toList()).toList());
  }

  private boolean empty(int column) {
    return rows.stream()
        .map(row -> row.get(column))
        .allMatch(cell ->
            switch (cell) {
              case Cell.Text(String text) -> text.isEmpty();
              case Cell.Measured(Estimate estimate) -> !estimate.measured();
            });
  }
}
