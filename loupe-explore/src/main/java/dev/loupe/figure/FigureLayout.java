package dev.loupe.figure;

import dev.loupe.figure.PlacedPanel.Box;
import dev.loupe.figure.PlacedPanel.Labels;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;

/**
 * Where everything of a figure stands, from the top: legend, then rows of panels, with axes as
 * {@link SharedAxes} says.
 */
final class FigureLayout {
  static final double TICK_SIZE = 11;
  static final double TEXT_SIZE = 12;

  private static final double NARROWEST = 200; // a panel beside others
  private static final double GAP = 24;
  private static final double TITLE = 24;
  private static final double LEGEND_LINE = 20;
  static final double TICK_LABEL = 130; // at most
  private static final double SLANT = 0.66; // height of slanted words, of their width
  private static final double SLANT_ACROSS = 0.77;
  private static final int MOST_DIRECT = 8;

  private final Figure figure;
  private final double width;
  private final int columns;
  private final SharedAxes shared;
  private final boolean sharesColours;
  private final List<PlacedPanel> panels = new ArrayList<>();
  private final double legendHeight;
  private double height;

  FigureLayout(Figure figure, SeriesLooks looks, double width) {
    this.figure = figure;
    this.width = width;
    columns = columns();
    List<Panel> all = figure.panels();
    shared = new SharedAxes(all, columns);
    sharesColours =
        all.stream().allMatch(FigureLayout::isHeat) && SharedAxes.agree(all, FigureLayout::value);
    boolean scale = sharesColours;
    int lines = direct(looks) ? 0 : legendLines(looks.names());
    legendHeight = scale ? 34 : lines == 0 ? 0 : lines * LEGEND_LINE + 10;
    place(looks);
  }

  double width() {
    return width;
  }

  double height() {
    return height;
  }

  List<PlacedPanel> panels() {
    return List.copyOf(panels);
  }

  /** Whether one colour scale above all panels explains every heat. */
  boolean sharesColours() {
    return sharesColours;
  }

  /** Whether lines carry their names at their ends, in place of a legend. */
  boolean direct(SeriesLooks looks) {
    return figure.panels().size() == 1
        && width > 600
        && looks.names().size() > 1
        && looks.names().size() <= MOST_DIRECT
        && figure.panels().getFirst().marks().stream().allMatch(Mark.Line.class::isInstance);
  }

  /** Width of an entry of the legend, with its sample. */
  static double entryWidth(String name) {
    return 30 + Words.width(name, TEXT_SIZE) + 18;
  }

  private int legendLines(List<String> names) {
    if (names.size() < 2) {
      return 0;
    }
    int lines = 1;
    double x = 0;
    for (String name : names) {
      double entry = entryWidth(name);
      if (x > 0 && x + entry > width) {
        lines++;
        x = 0;
      }
      x += entry;
    }
    return lines;
  }

  private int columns() {
    int count = figure.panels().size();
    int wanted =
        figure.columns() > 0
            ? figure.columns()
            : count <= 3 ? count : count == 4 ? 2 : count <= 6 || count == 9 ? 3 : 4;
    return Math.clamp((int) (width / NARROWEST), 1, Math.min(wanted, count));
  }

  private void place(SeriesLooks looks) {
    List<Panel> all = figure.panels();
    double cell = width / columns;
    double[] left = new double[columns];
    for (int i = 0; i < all.size(); i++) {
      int column = i % columns;
      left[column] = Math.max(left[column], left(i, cell));
    }
    double gutters = 0;
    for (double gutter : left) {
      gutters += gutter;
    }
    double right = direct(looks) ? directWidth(looks) : 14;
    double plotWidth = (width - gutters - (columns - 1) * GAP - right) / columns;
    double top = legendHeight;
    for (int first = 0; first < all.size(); first += columns) {
      top = placeRow(first, top, plotWidth, left, cell);
    }
    height = Math.ceil(top);
  }

  private static double directWidth(SeriesLooks looks) {
    return 20
        + looks.names().stream()
            .mapToDouble(name -> Math.min(180, Words.width(name, TEXT_SIZE)))
            .max()
            .orElse(0);
  }

  /** Places a row of panels and returns where the next begins. */
  private double placeRow(int first, double top, double plotWidth, double[] left, double cell) {
    List<Panel> row =
        figure.panels().subList(first, Math.min(first + columns, figure.panels().size()));
    double title = row.stream().allMatch(panel -> panel.title().isEmpty()) ? 10 : TITLE;
    boolean scale = !sharesColours && row.stream().anyMatch(FigureLayout::isHeat);
    double plotTop = top + title + (scale ? 30 : 0);
    double bottom = plotTop;
    double x = 0;
    for (int i = 0; i < row.size(); i++) {
      x += left[i];
      Box plot = new Box(x, plotTop, plotWidth, plotHeight(row.get(i), cell));
      PlacedPanel placed = placed(first + i, plot);
      panels.add(placed);
      bottom = Math.max(bottom, plot.bottom() + below(placed));
      x += plotWidth + GAP;
    }
    return bottom + 8;
  }

  private PlacedPanel placed(int number, Box plot) {
    Panel panel = figure.panels().get(number);
    List<String> words = categoriesX(panel);
    Ruler x =
        words.isEmpty()
            ? Ruler.numbers(panel.x(), Extent.x(shared.x(number)), most(plot.width(), 68))
            : Ruler.words(words);
    double place = plot.width() / Math.max(1, words.size());
    boolean slanted = slanted(words, place);
    boolean below = shared.labelledBelow(number);
    Ruler y = yRuler(number, plot.height());
    boolean left = shared.labelledLeft(number);
    Labels labels = new Labels(below || columns == 1, below, left, left, slanted, tickWidth(y));
    return new PlacedPanel(
        panel, number, plot, x, y, labels, colours(panel), isHeat(panel) && !sharesColours);
  }

  private Ruler yRuler(int number, double plotHeight) {
    Panel panel = figure.panels().get(number);
    return categoriesY(panel).isEmpty()
        ? Ruler.numbers(panel.y(), Extent.y(shared.y(number)), most(plotHeight, 34))
        : Ruler.words(categoriesY(panel));
  }

  private static int most(double length, double apart) {
    return Math.max(2, (int) (length / apart));
  }

  private Optional<Ruler> colours(Panel panel) {
    return value(panel)
        .map(axis ->
            Ruler.exact(
                axis,
                (sharesColours ? figure.panels() : List.of(panel))
                    .stream()
                        .map(other -> (Mark.Heat) other.marks().getFirst())
                        .flatMap(heat -> heat.values().stream())
                        .flatMap(List::stream)
                        .filter(Estimate::measured)
                        .mapToDouble(Estimate::value)));
  }

  /** Width that a panel takes left of its plot. */
  private double left(int number, double cell) {
    Panel panel = figure.panels().get(number);
    double beside =
        shared.labelledLeft(number) ? 30 + tickWidth(yRuler(number, plotHeight(panel, cell))) : 0;
    return number % columns == 0 ? Math.max(beside, slantedOut(panel, cell)) : beside;
  }

  /** How far slanted words reach out to the left of their panel, about. */
  private static double slantedOut(Panel panel, double cell) {
    List<String> words = categoriesX(panel);
    double place = 0.8 * cell / Math.max(1, words.size());
    return slanted(words, place) ? SLANT_ACROSS * tickWidth(Ruler.words(words)) - place / 2 : 0;
  }

  private static boolean slanted(List<String> words, double place) {
    return words.stream().anyMatch(word -> Words.width(word, TICK_SIZE) > place - 4);
  }

  private static double tickWidth(Ruler ruler) {
    return ruler.ticks().major().stream()
        .mapToDouble(tick -> Math.min(TICK_LABEL, Words.width(tick.label(), TICK_SIZE)))
        .max()
        .orElse(0);
  }

  private static double below(PlacedPanel placed) {
    double ticks = 6;
    if (placed.labels().xTicks()) {
      ticks = placed.labels().slanted() ? 12 + SLANT * tickWidth(placed.x()) : 20;
    }
    return ticks + (placed.labels().xTitle() ? 20 : 0);
  }

  private static double plotHeight(Panel panel, double cell) {
    if (panel.marks().getFirst() instanceof Mark.Heat heat) {
      int rows = heat.rows().size();
      return rows <= 12 ? 30.0 * rows : Math.min(760, 18.0 * rows);
    }
    return Math.clamp(0.6 * cell, 150, 360);
  }

  private static boolean isHeat(Panel panel) {
    return panel.marks().getFirst() instanceof Mark.Heat;
  }

  private static Optional<Axis> value(Panel panel) {
    return panel.marks().getFirst() instanceof Mark.Heat heat
        ? Optional.of(heat.value())
        : Optional.empty();
  }

  /** The words along a panel's x axis; none if it has numbers. */
  static List<String> categoriesX(Panel panel) {
    SequencedSet<String> words = new LinkedHashSet<>();
    for (Mark mark : panel.marks()) {
      switch (mark) {
        case Mark.Heat heat -> words.addAll(heat.columns());
        case Mark.Bars(var name, var bars) -> bars.forEach(bar -> words.add(bar.category()));
        case Mark.Line _, Mark.Points _, Mark.Histogram _, Mark.Steps _ -> {}
      }
    }
    return List.copyOf(words);
  }

  /** The words along its y axis. */
  static List<String> categoriesY(Panel panel) {
    return panel.marks().getFirst() instanceof Mark.Heat heat ? heat.rows() : List.of();
  }
}
