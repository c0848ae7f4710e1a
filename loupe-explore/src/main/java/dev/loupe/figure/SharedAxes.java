package dev.loupe.figure;

import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Which panels of a figure have an axis in common: all with an equal one span the same. It is
 * labelled once a column (x) or row (y) where all panels of that agree, else at each panel.
 */
final class SharedAxes {
  private final List<Panel> panels;
  private final int columns;

  SharedAxes(List<Panel> panels, int columns) {
    this.panels = panels;
    this.columns = columns;
  }

  /** The panels with the same x axis as a panel, itself among them. */
  List<Panel> x(int number) {
    Object wanted = xAxis(panels.get(number));
    return panels.stream().filter(panel -> xAxis(panel).equals(wanted)).toList();
  }

  /** The panels with the same y axis. */
  List<Panel> y(int number) {
    Object wanted = yAxis(panels.get(number));
    return panels.stream().filter(panel -> yAxis(panel).equals(wanted)).toList();
  }

  /** Whether x is labelled below a panel. */
  boolean labelledBelow(int number) {
    boolean last = number + columns >= panels.size();
    return last || !agree(every(number % columns, columns), SharedAxes::xAxis);
  }

  /** Whether y is labelled left of a panel. */
  boolean labelledLeft(int number) {
    int first = number - number % columns;
    List<Panel> row = panels.subList(first, Math.min(first + columns, panels.size()));
    return number == first || !agree(row, SharedAxes::yAxis);
  }

  private List<Panel> every(int first, int step) {
    return IntStream.iterate(first, i -> i < panels.size(), i -> i + step)
        .mapToObj(panels::get)
        .toList();
  }

  private static Object xAxis(Panel panel) {
    return List.of(panel.x(), FigureLayout.categoriesX(panel));
  }

  private static Object yAxis(Panel panel) {
    return List.of(panel.y(), FigureLayout.categoriesY(panel));
  }

  static boolean agree(List<Panel> panels, Function<Panel, Object> property) {
    return panels.stream().map(property).distinct().count() == 1;
  }
}
