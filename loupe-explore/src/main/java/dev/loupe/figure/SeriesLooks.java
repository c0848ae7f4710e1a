package dev.loupe.figure;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;

/**
 * How the series of a figure look: a colour, a dash and a shape each, by their order in the figure,
 * so that series are told apart without colours too. Colours, dashes and shapes repeat with
 * different periods: 35 lines, or 56 scatters, without a pair alike.
 */
final class SeriesLooks {
  private static final int COLOURS = 7;
  private static final List<String> DASHES = List.of("none", "7 3", "2 3", "9 3 2 3", "14 4");
  private static final double[][] CORNERS = {
    {-.9, -.9, .9, -.9, .9, .9, -.9, .9}, // square
    {0, -1.15, 1.15, .92, -1.15, .92}, // triangle
    {0, -1.25, 1.25, 0, 0, 1.25, -1.25, 0}, // diamond
    {0, 1.15, 1.15, -.92, -1.15, -.92}, // triangle on its tip
    { // plus
      -1.15, -.35, -.35, -.35, -.35, -1.15, .35, -1.15, .35, -.35, 1.15, -.35, 1.15, .35, .35, .35,
      .35, 1.15, -.35, 1.15, -.35, .35, -1.15, .35
    },
    {-1.1, -1.1, 1.1, -1.1, -1.1, 1.1, 1.1, 1.1}, // hourglass
    {-.57, -1.15, .57, -1.15, 1.15, 0, .57, 1.15, -.57, 1.15, -1.15, 0}, // hexagon
  };
  private static final int SHAPES = 1 + CORNERS.length; // the first is a circle

  private final List<String> names;

  SeriesLooks(Figure figure) {
    SequencedSet<String> seen = new LinkedHashSet<>();
    for (Panel panel : figure.panels()) {
      for (Mark mark : panel.marks()) {
        if (!(mark instanceof Mark.Heat)) {
          seen.add(mark.name());
        }
      }
    }
    names = List.copyOf(seen);
  }

  List<String> names() {
    return names;
  }

  /** The class that sets the colour. */
  String colour(String name) {
    return "s" + (names.indexOf(name) % COLOURS + 1);
  }

  /** As stroke-dasharray. */
  String dash(String name) {
    return DASHES.get(names.indexOf(name) % DASHES.size());
  }

  /** The outline of its marker around a point. */
  String marker(String name, double x, double y, double radius) {
    int shape = names.indexOf(name) % SHAPES;
    return shape == 0 ? circle(x, y, radius) : outline(x, y, radius, CORNERS[shape - 1]);
  }

  private static String circle(double x, double y, double r) {
    String radius = Numbers.length(r);
    String arc = "a" + radius + " " + radius + " 0 1 0 ";
    String across = Numbers.length(2 * r);
    return new Trace().move(x - r, y) + arc + across + " 0" + arc + "-" + across + " 0z";
  }

  private static String outline(double x, double y, double radius, double... corners) {
    Trace trace = new Trace().move(x + radius * corners[0], y + radius * corners[1]);
    for (int i = 2; i < corners.length; i += 2) {
      trace.line(x + radius * corners[i], y + radius * corners[i + 1]);
    }
    return trace + "z";
  }
}
