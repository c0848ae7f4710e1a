package dev.loupe.figure;

import dev.loupe.figure.PlacedPanel.Box;
import dev.loupe.figure.PlacedPanel.Labels;
import dev.loupe.figure.Ticks.Tick;
import java.util.List;

/** Draws what surrounds the marks of a panel: title, grid, axes, lines to compare with, notes. */
final class PanelFrame {
  private static final double SLANT_DEGREES = 40;
  private static final double LABEL_APART = 13;
  private static final double MINOR_APART = 6; // on average; the closest are a third of that

  private final Markup svg;
  private final PlacedPanel at;
  private final Box plot;

  PanelFrame(Markup svg, PlacedPanel at) {
    this.svg = svg;
    this.at = at;
    this.plot = at.plot();
  }

  /** What lies below the marks. */
  void drawBelow() {
    if (!at.panel().title().isEmpty()) {
      String title = at.panel().title();
      String shown = Words.fit(title, 1.08 * FigureLayout.TEXT_SIZE, plot.width() + 12);
      words("head", plot.x(), plot.y() - (at.ownScale() ? 40 : 9), "start", shown);
    }
    grid();
    if (!at.x().categories()) {
      stroke("axis", plot.x(), plot.bottom(), plot.right(), plot.bottom());
    }
    minorTicks();
    xLabels();
    yLabels();
  }

  private void grid() {
    if (!at.y().categories()) {
      for (Tick tick : at.y().ticks().major()) {
        stroke("grid", plot.x(), at.py(tick.value()), plot.right(), at.py(tick.value()));
      }
    }
    if (!at.x().categories()) {
      for (Tick tick : at.x().ticks().major()) {
        stroke("grid", at.px(tick.value()), plot.y(), at.px(tick.value()), plot.bottom());
      }
    }
  }

  /** Only beside labels, and not where they would be a hatching. */
  private void minorTicks() {
    if (at.labels().xTicks() && airy(at.x(), plot.width())) {
      for (double minor : at.x().ticks().minor()) {
        stroke("axis", at.px(minor), plot.bottom(), at.px(minor), plot.bottom() + 3);
      }
    }
    if (at.labels().yTicks() && airy(at.y(), plot.height())) {
      for (double minor : at.y().ticks().minor()) {
        stroke("axis", plot.x() - 3, at.py(minor), plot.x(), at.py(minor));
      }
    }
  }

  private static boolean airy(Ruler ruler, double length) {
    return ruler.ticks().minor().size() * MINOR_APART < length;
  }

  private void xLabels() {
    Labels labels = at.labels();
    List<Tick> ticks = at.x().ticks().major();
    double below = 0;
    if (labels.xTicks()) {
      double apart = plot.width() / Math.max(1, ticks.size());
      int every = labels.slanted() ? Math.max(1, (int) Math.ceil(LABEL_APART / apart)) : 1;
      for (int i = 0; i < ticks.size(); i += every) {
        xLabel(ticks.get(i));
      }
      below = labels.slanted() ? slantedHeight(ticks) : 16;
    }
    if (labels.xTitle()) {
      String title = Words.fit(at.panel().x().text(), FigureLayout.TEXT_SIZE, plot.width() + 60);
      words("name", plot.x() + plot.width() / 2, plot.bottom() + below + 18, "middle", title);
    }
  }

  private static double slantedHeight(List<Tick> ticks) {
    double longest = 0;
    for (Tick tick : ticks) {
      longest = Math.max(longest, Words.width(shown(tick.label()), FigureLayout.TICK_SIZE));
    }
    return 10 + longest * StrictMath.sin(StrictMath.toRadians(SLANT_DEGREES));
  }

  private void xLabel(Tick tick) {
    double x = at.px(tick.value());
    double y = plot.bottom() + (at.labels().slanted() ? 12 : 16);
    if (at.labels().slanted()) {
      svg.open(
          "text",
          "class",
          "tick",
          "text-anchor",
          "end",
          "transform",
          "translate(%s %s) rotate(-%s)"
              .formatted(Numbers.length(x + 4), Numbers.length(y), Numbers.length(SLANT_DEGREES)));
      whole(tick.label());
    } else {
      words("tick", x, y, "middle", tick.label());
    }
  }

  private void yLabels() {
    Labels labels = at.labels();
    List<Tick> ticks = at.y().ticks().major();
    if (labels.yTicks()) {
      double apart = plot.height() / Math.max(1, ticks.size());
      int every = at.y().categories() ? Math.max(1, (int) Math.ceil(LABEL_APART / apart)) : 1;
      for (int i = 0; i < ticks.size(); i += every) {
        Tick tick = ticks.get(i);
        double y = at.py(tick.value()) + 4;
        svg.open("text", place("tick", plot.x() - 7, y, "end"));
        whole(tick.label());
      }
    }
    if (labels.yTitle()) {
      double x = plot.x() - 7 - labels.left() - 11;
      double y = plot.y() + plot.height() / 2;
      String title = Words.fit(at.panel().y().text(), FigureLayout.TEXT_SIZE, plot.height() + 40);
      svg.element(
          "text",
          title,
          "class",
          "name",
          "text-anchor",
          "middle",
          "transform",
          "translate(%s %s) rotate(-90)".formatted(Numbers.length(x), Numbers.length(y)));
    }
  }

  /** Writes a label, cut where it is too long and then whole in its tooltip, into an open text. */
  private void whole(String label) {
    String shown = shown(label);
    svg.text(shown);
    if (!shown.equals(label)) {
      svg.element("title", label);
    }
    svg.close();
  }

  private static String shown(String label) {
    return Words.fit(label, FigureLayout.TICK_SIZE, FigureLayout.TICK_LABEL);
  }

  /** What lies above the marks. */
  void drawAbove() {
    new ReferenceDrawing(svg, at).draw();
    if (at.y().low() < 0 && at.y().high() > 0 && !at.y().log()) {
      stroke("axis", plot.x(), at.py(0), plot.right(), at.py(0));
    }
    String note = Unseen.note(at);
    if (!note.isEmpty()) {
      words("note", plot.right() - 4, plot.y() + 12, "end", note);
    }
  }

  private void stroke(String kind, double x1, double y1, double x2, double y2) {
    svg.leaf("path", "class", kind, "d", new Trace().move(x1, y1).line(x2, y2).toString());
  }

  private void words(String kind, double x, double y, String anchor, String words) {
    if (!words.isEmpty()) {
      svg.element("text", words, place(kind, x, y, anchor));
    }
  }

  static String[] place(String kind, double x, double y, String anchor) {
    return new String[] {
      "class", kind, "x", Numbers.length(x), "y", Numbers.length(y), "text-anchor", anchor
    };
  }
}
