package dev.loupe.figure;

import dev.loupe.figure.PlacedPanel.Box;
import java.util.Arrays;
import java.util.List;

/** Draws heats and their scale: eight colours, each as dark or light as it stands for more. */
final class HeatDrawing {
  static final int LEVELS = 8;

  private static final int MOST_CELLS = 2500;

  private static final double NUMBER_SIZE = 11;
  private static final double SCALE_WIDTH = 24; // of a level

  private final Markup svg;

  HeatDrawing(Markup svg) {
    this.svg = svg;
  }

  void draw(PlacedPanel at, Mark.Heat heat, Ruler colours) {
    double width = at.plot().width() / heat.columns().size();
    double height = at.plot().height() / heat.rows().size();
    double gap = Math.min(width, height) > 12 ? 2 : Math.min(width, height) > 5 ? 0.5 : 0;
    if (heat.rows().size() * heat.columns().size() > MOST_CELLS) {
      drawMany(at, heat, colours, width - gap, height - gap);
      return;
    }
    boolean numbers = height >= 15 && widest(heat, colours) + 6 <= width;
    for (int row = 0; row < heat.rows().size(); row++) {
      for (int column = 0; column < heat.columns().size(); column++) {
        Box box = new Box(at.px(column) + gap / 2, at.py(row) + gap / 2, width - gap, height - gap);
        Estimate value = heat.values().get(row).get(column);
        String where = heat.rows().get(row) + ", " + heat.columns().get(column);
        cell(box, value, where, colours);
        if (numbers || (!value.measured() && height >= 15 && width >= 10)) {
          number(box, value, colours);
        }
      }
    }
  }

  /** One path a colour, without tooltips: a page of large matrices stays small. */
  private void drawMany(
      PlacedPanel at, Mark.Heat heat, Ruler colours, double width, double height) {
    Trace[] traces = new Trace[LEVELS + 1];
    Arrays.setAll(traces, level -> new Trace());
    for (int row = 0; row < heat.rows().size(); row++) {
      for (int column = 0; column < heat.columns().size(); column++) {
        Estimate value = heat.values().get(row).get(column);
        if (value.measured()) {
          double x = at.px(column);
          double y = at.py(row);
          traces[level(value.value(), colours)]
              .move(x, y)
              .horizontal(x + width)
              .vertical(y + height)
              .horizontal(x)
              .close();
        }
      }
    }
    for (int level = 1; level <= LEVELS; level++) {
      if (!traces[level].isEmpty()) {
        svg.leaf("path", "class", "h" + level, "d", traces[level].toString());
      }
    }
  }

  private static double widest(Mark.Heat heat, Ruler colours) {
    return heat.values().stream()
        .flatMap(List::stream)
        .mapToDouble(value -> Words.width(shown(value, colours), NUMBER_SIZE))
        .max()
        .orElse(0);
  }

  /** Three digits are what a cell needs; the tooltip has more. */
  private static String shown(Estimate estimate, Ruler colours) {
    double value = estimate.value();
    double largest = Math.max(Math.abs(colours.low()), Math.abs(colours.high()));
    boolean plain = value == StrictMath.rint(value) && largest >= 10;
    if (!estimate.measured() || plain || largest < 0.01 || Math.abs(value) >= 1000) {
      return Numbers.text(value);
    }
    return Numbers.fixed(value, largest <= 1 ? 3 : largest < 10 ? 2 : 1);
  }

  private void cell(Box box, Estimate value, String where, Ruler colours) {
    String kind = value.measured() ? "h" + level(value.value(), colours) : "blank";
    svg.open("rect", SeriesDrawing.rectangle(kind, box));
    String text = value.measured() ? Numbers.text(value) : "not measured";
    svg.element("title", where + ": " + text);
    svg.close();
  }

  private void number(Box box, Estimate value, Ruler colours) {
    String kind = value.measured() ? "cell t" + level(value.value(), colours) : "none";
    double x = box.x() + box.width() / 2;
    double y = box.y() + box.height() / 2 + 4;
    svg.element("text", shown(value, colours), PanelFrame.place(kind, x, y, "middle"));
  }

  /** 1 to 8, in equal parts of the scale; what lies beyond an end has the colour of the end. */
  static int level(double value, Ruler colours) {
    double fraction = Math.clamp(colours.fraction(value), 0, 1);
    return Math.min(LEVELS, 1 + (int) (LEVELS * fraction));
  }

  /**
   * What the colours mean, from the least to the largest.
   *
   * @param title above which it stands: not said again
   * @param width at most
   */
  void scale(double x, double y, double width, Axis axis, Ruler colours, String title) {
    String low = Numbers.text(colours.low());
    String high = Numbers.text(colours.high()) + (axis.log() ? " (log)" : "");
    double ends =
        Words.width(low, FigureLayout.TICK_SIZE) + Words.width(high, FigureLayout.TICK_SIZE) + 16;
    double at = x;
    if (!axis.text().equals(title)) {
      double room = Math.max(0.3 * width, width - ends - LEVELS * SCALE_WIDTH - 14);
      String name = Words.fit(axis.text(), FigureLayout.TEXT_SIZE, room);
      svg.element("text", name, PanelFrame.place("name", at, y + 9, "start"));
      at += Words.width(name, FigureLayout.TEXT_SIZE) + 14;
    }
    double level = Math.clamp((x + width - at - ends) / LEVELS, 5, SCALE_WIDTH);
    svg.element("text", low, PanelFrame.place("tick", at, y + 9, "start"));
    at += Words.width(low, FigureLayout.TICK_SIZE) + 7;
    for (int i = 1; i <= LEVELS; i++) {
      svg.leaf("rect", SeriesDrawing.rectangle("h" + i, new Box(at, y, level, 11)));
      at += level;
    }
    svg.element("text", high, PanelFrame.place("tick", at + 7, y + 9, "start"));
  }
}
