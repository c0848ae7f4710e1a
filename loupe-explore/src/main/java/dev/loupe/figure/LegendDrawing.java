package dev.loupe.figure;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Draws what each colour, dash and shape stands for: above the panels, or at the ends of lines. */
final class LegendDrawing {
  private static final double APART = 14; // names at the ends of lines

  private final Markup svg;
  private final Figure figure;
  private final SeriesLooks looks;

  LegendDrawing(Markup svg, Figure figure, SeriesLooks looks) {
    this.svg = svg;
    this.figure = figure;
    this.looks = looks;
  }

  /** A line or more of names with samples. */
  void drawAbove(double width) {
    double x = 0;
    double y = 14;
    for (String name : looks.names()) {
      double entry = FigureLayout.entryWidth(name);
      if (x > 0 && x + entry > width) {
        x = 0;
        y += 20;
      }
      sample(name, x + 2, y - 4);
      String shown = Words.fit(name, FigureLayout.TEXT_SIZE, width - 34);
      svg.element("text", shown, PanelFrame.place("entry", x + 32, y, "start"));
      x += entry;
    }
  }

  private void sample(String name, double x, double y) {
    svg.open("g", "class", looks.colour(name));
    if (isDrawnAs(name, Mark.Bars.class)) {
      svg.leaf("path", "class", "bar", "d", block(x + 8, y));
    } else {
      if (isDrawnAs(name, Mark.Histogram.class)) {
        svg.leaf("path", "class", "area", "d", block(x, y));
      }
      if (!isDrawnAs(name, Mark.Points.class)) {
        String line = new Trace().move(x, y).line(x + 24, y).toString();
        svg.leaf("path", "class", "line", "stroke-dasharray", looks.dash(name), "d", line);
      }
      if (isDrawnAs(name, Mark.Points.class) || hasMarkers(name)) {
        svg.leaf("path", "class", "dot", "d", looks.marker(name, x + 12, y, 4));
      }
    }
    svg.close();
  }

  private static String block(double x, double y) {
    return new Trace().move(x, y - 5).horizontal(x + 12).vertical(y + 5).horizontal(x) + "z";
  }

  private boolean isDrawnAs(String name, Class<? extends Mark> kind) {
    return figure.panels().stream()
        .flatMap(panel -> panel.marks().stream())
        .anyMatch(mark -> kind.isInstance(mark) && mark.name().equals(name));
  }

  private boolean hasMarkers(String name) {
    return figure.panels().stream()
        .flatMap(panel -> panel.marks().stream())
        .anyMatch(mark ->
            mark instanceof Mark.Line line
                && line.name().equals(name)
                && SeriesDrawing.hasMarkers(line));
  }

  private record End(String name, double x, double y) {}

  /** The name of each line at its last point, pushed apart where they would overlap. */
  void drawAtEnds(PlacedPanel at) {
    List<End> ends = new ArrayList<>();
    for (Mark mark : at.panel().marks()) {
      if (mark instanceof Mark.Line line) {
        line.points().stream()
            .filter(p -> p.y().measured() && at.holds(p.x(), p.y().value()))
            .max(Comparator.comparingDouble(Mark.At::x))
            .ifPresent(p -> ends.add(new End(line.name(), at.px(p.x()), at.py(p.y().value()))));
      }
    }
    ends.sort(Comparator.comparingDouble(End::y));
    double[] places = apart(ends.stream().mapToDouble(End::y).toArray(), at.plot().bottom());
    for (int i = 0; i < ends.size(); i++) {
      End end = ends.get(i);
      double x = at.plot().right() + 8;
      svg.open("g", "class", looks.colour(end.name()));
      Trace leader = new Trace().move(end.x() + 5, end.y()).line(x - 3, places[i]);
      svg.leaf("path", "class", "leader", "d", leader.toString());
      String shown = Words.fit(end.name(), FigureLayout.TEXT_SIZE, 180);
      svg.element("text", shown, PanelFrame.place("end", x, places[i] + 4, "start"));
      svg.close();
    }
  }

  /** Ascending places at least so far apart, near the wanted ones, the last not below the floor. */
  static double[] apart(double[] wanted, double floor) {
    double[] places = wanted.clone();
    for (int i = 1; i < places.length; i++) {
      places[i] = Math.max(places[i], places[i - 1] + APART);
    }
    double limit = floor;
    for (int i = places.length - 1; i >= 0; i--) {
      places[i] = Math.min(places[i], limit);
      limit = places[i] - APART;
    }
    return places;
  }
}
