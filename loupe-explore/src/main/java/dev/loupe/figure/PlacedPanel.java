package dev.loupe.figure;

import java.util.Optional;

/**
 * A panel with its place in a drawing.
 *
 * @param number from 0, in the figure
 * @param plot between the axes
 * @param labels which of its axes are written beside it; the others are those of a neighbour
 * @param colours what the colours of a heat span
 * @param ownScale whether it shows that scale itself
 */
record PlacedPanel(
    Panel panel,
    int number,
    Box plot,
    Ruler x,
    Ruler y,
    Labels labels,
    Optional<Ruler> colours,
    boolean ownScale) {
  /** A rectangle, from its upper left corner. */
  record Box(double x, double y, double width, double height) {
    double right() {
      return x + width;
    }

    double bottom() {
      return y + height;
    }
  }

  /**
   * What is written beside a panel.
   *
   * @param slanted whether the words below stand aslant, because they are wider than their places
   * @param left width of the ticks' labels
   */
  record Labels(
      boolean xTicks,
      boolean xTitle,
      boolean yTicks,
      boolean yTitle,
      boolean slanted,
      double left) {}

  /** Where an x is. */
  double px(double value) {
    return plot.x() + x.fraction(value) * plot.width();
  }

  /** Where a y is: words from the top, numbers from the bottom. */
  double py(double value) {
    double fraction = y.fraction(value);
    return plot.y() + (y.categories() ? fraction : 1 - fraction) * plot.height();
  }

  /** Where an x is, or the rim that is nearest. */
  double pxInside(double value) {
    return Math.clamp(px(value), plot.x(), plot.right());
  }

  /** Where a y is, or the rim that is nearest. */
  double pyInside(double value) {
    return Math.clamp(py(value), plot.y(), plot.bottom());
  }

  boolean holds(double xValue, double yValue) {
    return x.holds(xValue) && y.holds(yValue);
  }
}
