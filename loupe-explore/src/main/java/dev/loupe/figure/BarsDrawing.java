package dev.loupe.figure;

import dev.loupe.figure.PlacedPanel.Box;
import java.util.List;

/** Draws bars: the series of a panel beside each other in each category. */
final class BarsDrawing {
  private static final double USED = 0.74; // of a category's width
  private static final double WIDEST = 56;

  private final Markup svg;
  private final PlacedPanel at;
  private final SeriesLooks looks;

  BarsDrawing(Markup svg, PlacedPanel at, SeriesLooks looks) {
    this.svg = svg;
    this.at = at;
    this.looks = looks;
  }

  void draw(List<Mark.Bars> series) {
    List<String> categories = FigureLayout.categoriesX(at.panel());
    double place = at.plot().width() / categories.size();
    double width = Math.min(WIDEST, USED * place / series.size());
    for (int i = 0; i < series.size(); i++) {
      Mark.Bars bars = series.get(i);
      double shift = (i - (series.size() - 1) / 2.0) * width;
      svg.open("g", "class", looks.colour(bars.name()));
      for (Mark.Bar bar : bars.bars()) {
        double middle = at.px(categories.indexOf(bar.category()) + 0.5) + shift;
        draw(bars.name(), bar, middle, width);
      }
      svg.close();
    }
    Trace base = new Trace().move(at.plot().x(), at.pyInside(0)).horizontal(at.plot().right());
    svg.leaf("path", "class", "axis", "d", base.toString());
  }

  private void draw(String name, Mark.Bar bar, double middle, double width) {
    double base = at.pyInside(0);
    if (!bar.value().measured()) {
      svg.element("text", "–", PanelFrame.place("none", middle, base - 5, "middle"));
      return;
    }
    double end = at.pyInside(bar.value().value());
    double drawn = Math.max(1, width - 1.5);
    Box box = new Box(middle - drawn / 2, Math.min(end, base), drawn, Math.abs(base - end));
    svg.open("rect", SeriesDrawing.rectangle("bar", box));
    svg.element("title", "%s, %s: %s".formatted(bar.category(), name, Numbers.text(bar.value())));
    svg.close();
    if (bar.value().interval()) {
      Trace whisker =
          new Trace()
              .move(middle, at.pyInside(bar.value().low()))
              .vertical(at.pyInside(bar.value().high()));
      svg.leaf("path", "class", "whisker over", "d", whisker.toString());
    }
  }
}
