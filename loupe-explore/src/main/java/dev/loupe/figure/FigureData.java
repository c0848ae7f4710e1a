package dev.loupe.figure;

import dev.loupe.figure.FigureTable.Column;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The values of a figure as a table: a row a point, bar, bin or cell. Columns, as far as they hold
 * something: panel, series, label, x, to (the upper edge of a bin), y, value (of a heat, whose x
 * and y are words). Axes on which all panels agree give their column its heading.
 */
final class FigureData {
  private static final Cell NOTHING = Cell.of(Estimate.NONE);
  private static final Cell NO_WORDS = Cell.of("");

  private FigureData() {}

  static FigureTable table(Figure figure) {
    List<List<Cell>> rows = new ArrayList<>();
    for (Panel panel : figure.panels()) {
      for (Mark mark : panel.marks()) {
        Cell where = Cell.of(panel.title());
        add(rows, where, mark);
      }
    }
    return new FigureTable(
            figure.id(), figure.title(), figure.caption(), figure.command(), columns(figure), rows)
        .withoutEmptyColumns();
  }

  private static void add(List<List<Cell>> rows, Cell panel, Mark mark) {
    Cell series = Cell.of(mark.name());
    switch (mark) {
      case Mark.Line(var name, var points) -> {
        for (Mark.At point : points) {
          rows.add(row(panel, series, NO_WORDS, Cell.of(point.x()), NOTHING, Cell.of(point.y())));
        }
      }
      case Mark.Points(var name, var points) -> {
        for (Mark.Dot dot : points) {
          Cell label = Cell.of(dot.label());
          rows.add(row(panel, series, label, Cell.of(dot.x()), NOTHING, Cell.of(dot.y())));
        }
      }
      case Mark.Bars(var name, var bars) -> {
        for (Mark.Bar bar : bars) {
          Cell category = Cell.of(bar.category());
          rows.add(row(panel, series, NO_WORDS, category, NOTHING, Cell.of(bar.value())));
        }
      }
      case Mark.Histogram histogram -> addBins(rows, panel, histogram);
      case Mark.Steps(var name, var steps) -> {
        for (Mark.Step step : steps) {
          Cell share = Cell.of(step.share());
          rows.add(row(panel, series, NO_WORDS, Cell.of(step.x()), NOTHING, share));
        }
      }
      case Mark.Heat heat -> addCells(rows, panel, heat);
    }
  }

  private static void addBins(List<List<Cell>> rows, Cell panel, Mark.Histogram histogram) {
    for (int i = 0; i < histogram.counts().size(); i++) {
      rows.add(
          row(
              panel,
              Cell.of(histogram.name()),
              NO_WORDS,
              Cell.of(histogram.edges().get(i)),
              Cell.of(histogram.edges().get(i + 1)),
              Cell.of(histogram.counts().get(i))));
    }
  }

  private static void addCells(List<List<Cell>> rows, Cell panel, Mark.Heat heat) {
    for (int row = 0; row < heat.rows().size(); row++) {
      for (int column = 0; column < heat.columns().size(); column++) {
        rows.add(
            List.of(
                panel,
                Cell.of(heat.name()),
                NO_WORDS,
                Cell.of(heat.columns().get(column)),
                NOTHING,
                Cell.of(heat.rows().get(row)),
                Cell.of(heat.values().get(row).get(column))));
      }
    }
  }

  private static List<Cell> row(Cell panel, Cell series, Cell label, Cell x, Cell to, Cell y) {
    return List.of(panel, series, label, x, to, y, NOTHING);
  }

  private static List<Column> columns(Figure figure) {
    List<Panel> panels = figure.panels();
    Column x = agreed(panels.stream().map(Panel::x), "x");
    Column y = agreed(panels.stream().map(Panel::y), "y");
    List<Column> columns =
        List.of(
            Column.of("panel"),
            Column.of("series"),
            Column.of("label"),
            x,
            new Column("to", x.unit()),
            y,
            Column.of("value"));
    Set<String> headings = new HashSet<>();
    boolean distinct = columns.stream().map(Column::heading).allMatch(headings::add);
    return distinct
        ? columns
        : Stream.of("panel", "series", "label", "x", "to", "y", "value").map(Column::of).toList();
  }

  private static Column agreed(Stream<Axis> axes, String otherwise) {
    List<Column> columns =
        axes.map(axis -> new Column(axis.label(), axis.unit())).distinct().toList();
    return columns.size() == 1 ? columns.getFirst() : Column.of(otherwise);
  }
}
