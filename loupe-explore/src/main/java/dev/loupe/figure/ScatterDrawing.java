package dev.loupe.figure;

import dev.loupe.figure.PlacedPanel.Box;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws points. Up to 2,000 of a series are marks of their own with tooltips; more are one path,
 * lighter where they are few.
 */
final class ScatterDrawing {
  private static final int MOST_MARKS = 2000;
  private static final int FEW = 60;
  private static final int MANY = 500;
  private static final double LABEL_SIZE = 11;

  private final Markup svg;
  private final PlacedPanel at;
  private final SeriesLooks looks;
  private final List<Box> taken = new ArrayList<>();

  /**
   * @param all the scatters of the panel, whose points labels shall not cover
   */
  ScatterDrawing(Markup svg, PlacedPanel at, SeriesLooks looks, List<Mark.Points> all) {
    this.svg = svg;
    this.at = at;
    this.looks = looks;
    for (Mark.Points points : all) {
      if (points.points().size() <= MANY) {
        points.points().stream().filter(this::drawn).forEach(this::take);
      }
    }
  }

  void draw(Mark.Points points) {
    List<Mark.Dot> drawn = points.points().stream().filter(this::drawn).toList();
    svg.open("g", "class", looks.colour(points.name()));
    if (drawn.size() > MOST_MARKS) {
      Trace cloud = new Trace();
      drawn.forEach(dot -> cloud.dot(at.px(dot.x().value()), at.py(dot.y().value())));
      svg.leaf("path", "class", "cloud", "d", cloud.toString());
    } else {
      double radius = drawn.size() <= FEW ? 4.2 : drawn.size() <= MANY ? 3 : 2.2;
      String kind = drawn.size() <= FEW ? "dot" : "dot many";
      drawn.forEach(this::errors);
      drawn.forEach(dot -> mark(points.name(), dot, radius, kind));
    }
    svg.close();
  }

  /** The labels of a series, where they cover nothing; the others are in the tooltips only. */
  void label(Mark.Points points) {
    for (Mark.Dot dot : points.points()) {
      if (!dot.label().isEmpty() && drawn(dot) && points.points().size() <= MANY) {
        label(dot);
      }
    }
  }

  private boolean drawn(Mark.Dot dot) {
    return dot.x().measured() && dot.y().measured() && at.holds(dot.x().value(), dot.y().value());
  }

  /** Where a point and its error bars are. */
  private void take(Mark.Dot dot) {
    double x = at.px(dot.x().value());
    double y = at.py(dot.y().value());
    taken.add(new Box(x - 4, y - 4, 8, 8));
    if (dot.x().interval()) {
      double left = at.pxInside(dot.x().low());
      taken.add(new Box(left, y - 1, at.pxInside(dot.x().high()) - left, 2));
    }
    if (dot.y().interval()) {
      double top = at.pyInside(dot.y().high());
      taken.add(new Box(x - 1, top, 2, at.pyInside(dot.y().low()) - top));
    }
  }

  private void errors(Mark.Dot dot) {
    double x = at.px(dot.x().value());
    double y = at.py(dot.y().value());
    Trace trace = new Trace();
    if (dot.y().interval()) {
      trace.move(x, at.pyInside(dot.y().low())).vertical(at.pyInside(dot.y().high()));
    }
    if (dot.x().interval()) {
      trace.move(at.pxInside(dot.x().low()), y).horizontal(at.pxInside(dot.x().high()));
    }
    if (!trace.isEmpty()) {
      svg.leaf("path", "class", "whisker", "d", trace.toString());
    }
  }

  private void mark(String name, Mark.Dot dot, double radius, String kind) {
    String shape = looks.marker(name, at.px(dot.x().value()), at.py(dot.y().value()), radius);
    svg.open("path", "class", kind, "d", shape);
    svg.element(
        "title",
        "%s\n%s: %s, %s: %s"
            .formatted(
                dot.label().isEmpty() ? name : dot.label() + ", " + name,
                at.panel().x().label(),
                Numbers.text(dot.x()),
                at.panel().y().label(),
                Numbers.text(dot.y())));
    svg.close();
  }

  private void label(Mark.Dot dot) {
    double x = at.px(dot.x().value());
    double y = at.py(dot.y().value());
    double width = Words.width(dot.label(), LABEL_SIZE);
    List<Box> places =
        List.of(
            new Box(x + 7, y - 7, width, 13),
            new Box(x - 7 - width, y - 7, width, 13),
            new Box(x - width / 2, y - 21, width, 13),
            new Box(x - width / 2, y + 7, width, 13),
            new Box(x + 5, y - 16, width, 13),
            new Box(x + 5, y + 3, width, 13),
            new Box(x - 5 - width, y - 16, width, 13),
            new Box(x - 5 - width, y + 3, width, 13));
    for (Box place : places) {
      if (inside(place) && taken.stream().noneMatch(other -> overlap(place, other))) {
        taken.add(place);
        svg.element(
            "text",
            dot.label(),
            PanelFrame.place("label", place.x() + width / 2, place.y() + 11, "middle"));
        return;
      }
    }
  }

  private boolean inside(Box place) {
    Box plot = at.plot();
    return place.x() >= plot.x()
        && place.right() <= plot.right()
        && place.y() >= plot.y()
        && place.bottom() <= plot.bottom();
  }

  private static boolean overlap(Box a, Box b) {
    return a.x() < b.right() && b.x() < a.right() && a.y() < b.bottom() && b.y() < a.bottom();
  }
}
