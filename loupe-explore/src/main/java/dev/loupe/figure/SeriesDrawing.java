package dev.loupe.figure;

import dev.loupe.figure.PlacedPanel.Box;
import java.util.ArrayList;
import java.util.List;

/** Draws lines, steps and histograms. */
final class SeriesDrawing {
  private static final int MOST_MARKERS = 60;
  private static final double MARKER = 3.4;

  private final Markup svg;
  private final PlacedPanel at;
  private final SeriesLooks looks;
  private final String clip;

  /**
   * @param clip of what is cut at the rim of the plot, as {@code url(#id)}
   */
  SeriesDrawing(Markup svg, PlacedPanel at, SeriesLooks looks, String clip) {
    this.svg = svg;
    this.at = at;
    this.looks = looks;
    this.clip = clip;
  }

  void draw(Mark.Line line) {
    svg.open("g", "class", looks.colour(line.name()));
    List<List<Mark.At>> pieces = pieces(line.points());
    svg.open("g", "clip-path", clip);
    for (List<Mark.At> piece : pieces) {
      band(piece);
    }
    Trace trace = new Trace();
    for (List<Mark.At> piece : pieces) {
      for (int i = 0; i < piece.size(); i++) {
        Mark.At point = piece.get(i);
        double x = at.px(point.x());
        double y = at.py(point.y().value());
        Trace _ = i == 0 ? trace.move(x, y) : trace.line(x, y);
      }
    }
    stroke(line.name(), trace, line.name());
    svg.close();
    for (List<Mark.At> piece : pieces) {
      if (hasMarkers(line) || piece.size() == 1) {
        piece.forEach(point -> marker(line.name(), point));
      }
    }
    svg.close();
  }

  /** Whether there is room for a marker at each point. */
  static boolean hasMarkers(Mark.Line line) {
    return line.points().size() <= MOST_MARKERS;
  }

  /** Runs of points between gaps: where nothing was measured, or the axes have no place for it. */
  private List<List<Mark.At>> pieces(List<Mark.At> points) {
    List<List<Mark.At>> pieces = new ArrayList<>();
    List<Mark.At> piece = new ArrayList<>();
    for (Mark.At point : points) {
      boolean drawn =
          point.y().measured()
              && !(at.y().log() && point.y().value() <= 0)
              && !(at.x().log() && point.x() <= 0);
      if (drawn) {
        piece.add(point);
      } else if (!piece.isEmpty()) {
        pieces.add(piece);
        piece = new ArrayList<>();
      }
    }
    if (!piece.isEmpty()) {
      pieces.add(piece);
    }
    return pieces;
  }

  /** Around the points that have an interval; of one alone a whisker. */
  private void band(List<Mark.At> piece) {
    List<Mark.At> run = new ArrayList<>();
    for (Mark.At point : piece) {
      if (point.y().interval()) {
        run.add(point);
      } else {
        area(run);
        run.clear();
      }
    }
    area(run);
  }

  private void area(List<Mark.At> run) {
    if (run.size() == 1) {
      Estimate y = run.getFirst().y();
      double x = at.px(run.getFirst().x());
      Trace whisker = new Trace().move(x, at.pyInside(y.low())).vertical(at.pyInside(y.high()));
      svg.leaf("path", "class", "whisker", "d", whisker.toString());
    } else if (run.size() > 1) {
      Trace trace = new Trace();
      for (int i = 0; i < run.size(); i++) {
        double x = at.px(run.get(i).x());
        double y = at.pyInside(run.get(i).y().high());
        Trace _ = i == 0 ? trace.move(x, y) : trace.line(x, y);
      }
      for (Mark.At point : run.reversed()) {
        trace.line(at.px(point.x()), at.pyInside(point.y().low()));
      }
      svg.leaf("path", "class", "band", "d", trace + "z");
    }
  }

  private void marker(String name, Mark.At point) {
    if (at.holds(point.x(), point.y().value())) {
      String shape = looks.marker(name, at.px(point.x()), at.py(point.y().value()), MARKER);
      svg.open("path", "class", "dot", "d", shape);
      svg.element(
          "title", "%s\n%s: %s".formatted(name, Numbers.text(point.x()), Numbers.text(point.y())));
      svg.close();
    }
  }

  private void stroke(String name, Trace trace, String tooltip) {
    if (!trace.isEmpty()) {
      svg.open(
          "path", "class", "line", "stroke-dasharray", looks.dash(name), "d", trace.toString());
      svg.element("title", tooltip);
      svg.close();
    }
  }

  void draw(Mark.Steps steps) {
    if (steps.steps().isEmpty()) {
      return;
    }
    Trace trace = new Trace().move(at.plot().x(), at.pyInside(0));
    for (Mark.Step step : steps.steps()) {
      trace.horizontal(at.pxInside(step.x())).vertical(at.pyInside(step.share()));
    }
    trace.horizontal(at.plot().right());
    svg.open("g", "class", looks.colour(steps.name()), "clip-path", clip);
    stroke(steps.name(), trace, steps.name());
    svg.close();
  }

  /** Bins from 0, or the end of the axis that is nearest to it, as one outline. */
  void draw(Mark.Histogram bins, boolean alone) {
    double base = at.pyInside(0);
    Trace trace = new Trace().move(at.pxInside(bins.edges().getFirst()), base);
    for (int i = 0; i < bins.counts().size(); i++) {
      trace
          .vertical(at.pyInside(bins.counts().get(i)))
          .horizontal(at.pxInside(bins.edges().get(i + 1)));
    }
    trace.vertical(base);
    svg.open("g", "class", looks.colour(bins.name()), "clip-path", clip);
    svg.leaf("path", "class", alone ? "area alone" : "area", "d", trace.toString());
    svg.leaf(
        "path",
        "class",
        "line thin",
        "stroke-dasharray",
        alone ? "none" : looks.dash(bins.name()),
        "d",
        trace.toString());
    for (int i = 0; i < bins.counts().size(); i++) {
      bin(bins, i, base);
    }
    svg.close();
  }

  /** What answers the pointer over a bin, and, where the bins are wide, parts it from the next. */
  private void bin(Mark.Histogram bins, int i, double base) {
    double left = at.pxInside(bins.edges().get(i));
    double right = at.pxInside(bins.edges().get(i + 1));
    double top = at.pyInside(bins.counts().get(i));
    if (right - left < 0.01) {
      return;
    }
    Box box = new Box(left, Math.min(top, base), right - left, Math.max(3, Math.abs(base - top)));
    svg.open("rect", rectangle("hit", box));
    svg.element(
        "title",
        "%s\n%s to %s: %s"
            .formatted(
                bins.name(),
                Numbers.text(bins.edges().get(i)),
                Numbers.text(bins.edges().get(i + 1)),
                Numbers.text(bins.counts().get(i))));
    svg.close();
  }

  static String[] rectangle(String kind, Box box) {
    return new String[] {
      "class",
      kind,
      "x",
      Numbers.length(box.x()),
      "y",
      Numbers.length(box.y()),
      "width",
      Numbers.length(box.width()),
      "height",
      Numbers.length(box.height())
    };
  }
}
