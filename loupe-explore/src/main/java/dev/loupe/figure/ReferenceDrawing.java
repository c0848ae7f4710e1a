package dev.loupe.figure;

import dev.loupe.figure.PlacedPanel.Box;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Draws the lines of a panel to compare with, each with its label where least is in its way. */
final class ReferenceDrawing {
  private static final double SIZE = 11;
  private static final double HIGH = 15;
  private static final int SAMPLES = 12; // of a piece of a line

  private record Spot(double x, double y) {}

  private final Markup svg;
  private final PlacedPanel at;
  private final List<Spot> drawn = new ArrayList<>();

  ReferenceDrawing(Markup svg, PlacedPanel at) {
    this.svg = svg;
    this.at = at;
    if (!at.panel().references().isEmpty()) {
      at.panel().marks().forEach(this::collect);
    }
  }

  void draw() {
    for (ReferenceLine line : at.panel().references()) {
      boolean vertical = line.direction() == ReferenceLine.Direction.VERTICAL;
      if ((vertical ? at.x() : at.y()).holds(line.at())) {
        Box plot = at.plot();
        Trace trace =
            vertical
                ? new Trace().move(at.px(line.at()), plot.y()).vertical(plot.bottom())
                : new Trace().move(plot.x(), at.py(line.at())).horizontal(plot.right());
        svg.leaf("path", "class", "ref", "d", trace.toString());
        label(line.label(), vertical ? besides(line) : along(line));
      }
    }
  }

  private List<Box> besides(ReferenceLine line) {
    double width = Words.width(line.label(), SIZE);
    double x = at.px(line.at());
    List<Box> places = new ArrayList<>();
    for (double down : new double[] {0, 0.2, 0.4, 0.6}) {
      double y = at.plot().y() + 2 + down * at.plot().height();
      places.add(new Box(x + 5, y, width, HIGH));
      places.add(new Box(x - 5 - width, y, width, HIGH));
    }
    return places;
  }

  private List<Box> along(ReferenceLine line) {
    double width = Words.width(line.label(), SIZE);
    double y = at.py(line.at());
    List<Box> places = new ArrayList<>();
    for (double right : new double[] {1, 0, 0.75, 0.5, 0.25}) {
      double x = at.plot().x() + 4 + right * (at.plot().width() - width - 8);
      places.add(new Box(x, y - HIGH - 1, width, HIGH));
      places.add(new Box(x, y + 2, width, HIGH));
    }
    return places;
  }

  /** At the first of the places that cover least. */
  private void label(String label, List<Box> places) {
    if (!label.isEmpty()) {
      Box best = places.stream().min(Comparator.comparingLong(this::covered)).orElseThrow();
      svg.element(
          "text",
          label,
          PanelFrame.place("ref-name", best.x() + best.width() / 2, best.y() + 11, "middle"));
    }
  }

  private long covered(Box box) {
    Box plot = at.plot();
    boolean outside =
        box.x() < plot.x()
            || box.right() > plot.right()
            || box.y() < plot.y()
            || box.bottom() > plot.bottom();
    long spots =
        drawn.stream()
            .filter(s -> s.x() > box.x() - 3 && s.x() < box.right() + 3)
            .filter(s -> s.y() > box.y() - 2 && s.y() < box.bottom() + 2)
            .count();
    return outside ? 1_000_000 + spots : spots;
  }

  private void collect(Mark mark) {
    switch (mark) {
      case Mark.Line line -> {
        List<Mark.At> points = line.points().stream().filter(p -> p.y().measured()).toList();
        for (int i = 0; i < points.size(); i++) {
          Mark.At from = points.get(Math.max(0, i - 1));
          piece(spot(from.x(), from.y()), spot(points.get(i).x(), points.get(i).y()));
        }
      }
      case Mark.Points points ->
          points.points().stream()
              .filter(dot -> dot.x().measured() && dot.y().measured())
              .forEach(dot -> drawn.add(spot(dot.x().value(), dot.y())));
      case Mark.Steps steps ->
          steps.steps().forEach(s -> drawn.add(spot(s.x(), Estimate.of(s.share()))));
      case Mark.Histogram bins -> collectBins(bins);
      case Mark.Bars bars -> collectBars(bars);
      case Mark.Heat _ -> {} // has no lines to compare with
    }
  }

  private void collectBins(Mark.Histogram bins) {
    for (int i = 0; i < bins.counts().size(); i++) {
      double top = at.pyInside(bins.counts().get(i));
      for (double edge : bins.edges().subList(i, i + 2)) {
        double x = at.pxInside(edge);
        piece(new Spot(x, top), new Spot(x, at.pyInside(0)));
      }
    }
  }

  private void collectBars(Mark.Bars bars) {
    List<String> places = FigureLayout.categoriesX(at.panel());
    for (Mark.Bar bar : bars.bars()) {
      if (bar.value().measured()) {
        double x = at.px(places.indexOf(bar.category()) + 0.5);
        piece(new Spot(x, at.pyInside(bar.value().value())), new Spot(x, at.pyInside(0)));
      }
    }
  }

  private Spot spot(double x, Estimate y) {
    return new Spot(at.pxInside(x), at.pyInside(y.value()));
  }

  private void piece(Spot from, Spot to) {
    for (int i = 0; i <= SAMPLES; i++) {
      double share = (double) i / SAMPLES;
      drawn.add(
          new Spot(from.x() + share * (to.x() - from.x()), from.y() + share * (to.y() - from.y())));
    }
  }
}
