package dev.loupe.figure;

import java.util.ArrayList;
import java.util.List;

/** A figure or table on a page, with its caption, its command and its data. */
final class ExhibitPart {
  /** Rows of data under a figure: more are for programs, which read the CSV file. */
  static final int MOST_ROWS = 500;

  private final Markup html;
  private final Exhibit exhibit;
  private final String number;

  ExhibitPart(Markup html, Exhibit exhibit, String number) {
    this.html = html;
    this.exhibit = exhibit;
    this.number = number;
  }

  void write() {
    html.open("figure", "class", "exhibit", "id", exhibit.id()).line();
    html.open("header");
    html.element("a", number, "class", "number", "href", "#" + exhibit.id());
    html.element("h3", exhibit.title()).close().line();
    switch (exhibit) {
      case Figure figure -> drawings(figure);
      case FigureTable table -> rows(table, table.rows().size(), "rows open");
    }
    caption();
    command();
    if (exhibit instanceof Figure) {
      data(exhibit.table());
    }
    html.close().line();
  }

  /** Two, for wide and for narrow screens; the style shows one. */
  private void drawings(Figure figure) {
    html.open("div", "class", "wide");
    SvgFigure.write(html, figure, figure.id() + "-wide", SvgFigure.WIDTH, false);
    html.close().line().open("div", "class", "narrow");
    SvgFigure.write(html, figure, figure.id() + "-narrow", SvgFigure.NARROW_WIDTH, false);
    html.close().line();
  }

  private void caption() {
    if (!exhibit.caption().isEmpty()) {
      html.open("figcaption");
      for (String paragraph : List.of(exhibit.caption().split("\n\n", -1))) {
        html.element("p", paragraph);
      }
      html.close().line();
    }
  }

  private void command() {
    if (!exhibit.command().isEmpty()) {
      html.open("div", "class", "command").open("pre", "tabindex", "0");
      html.element("code", exhibit.command()).close();
      html.element(
          "button",
          "Copy",
          "type",
          "button",
          "class",
          "copy",
          "hidden",
          "",
          "aria-label",
          "Copy the command of " + number);
      html.close().line();
    }
  }

  private void data(FigureTable table) {
    int all = table.rows().size();
    int shown = Math.min(all, MOST_ROWS);
    html.open("details");
    html.element("summary", "Data: " + (all == 1 ? "1 row" : Numbers.text((double) all) + " rows"));
    rows(table, shown, "rows");
    String file = DocumentFiles.csv(exhibit);
    html.element(
        "p",
        shown < all
            ? "The first %d rows; all are in %s.".formatted(shown, file)
            : "With all digits: " + file + ".",
        "class",
        "more");
    html.close().line();
  }

  private void rows(FigureTable table, int shown, String kind) {
    html.open(
        "div", "class", kind, "tabindex", "0", "role", "region", "aria-label", number + ", data");
    html.open("table").open("thead").open("tr");
    List<ColumnNumbers> numbers = new ArrayList<>();
    List<String> kinds = new ArrayList<>();
    for (int i = 0; i < table.columns().size(); i++) {
      numbers.add(new ColumnNumbers(table.values(i)));
      kinds.add(table.numeric(i) ? "n" : "w");
      heading(table.columns().get(i), kinds.get(i));
    }
    html.close().close().line().open("tbody").line();
    for (List<Cell> row : table.rows().subList(0, shown)) {
      html.open("tr");
      for (int i = 0; i < row.size(); i++) {
        cell(row.get(i), kinds.get(i), numbers.get(i));
      }
      html.close().line();
    }
    html.close().close().close().line();
  }

  private void heading(FigureTable.Column column, String kind) {
    html.open("th", "scope", "col", "class", kind).text(column.heading());
    if (!column.unit().isEmpty()) {
      html.text(" ").element("small", column.unit());
    }
    html.close();
  }

  private void cell(Cell cell, String kind, ColumnNumbers numbers) {
    switch (cell) {
      case Cell.Text(String words) -> html.element("td", words, "class", kind);
      case Cell.Measured(Estimate estimate) -> {
        html.open("td", "class", kind).text(numbers.text(estimate.value()));
        if (estimate.interval()) {
          String interval =
              "[%s, %s]".formatted(numbers.text(estimate.low()), numbers.text(estimate.high()));
          html.text(" ").element("small", interval);
        }
        html.close();
      }
    }
  }
}
