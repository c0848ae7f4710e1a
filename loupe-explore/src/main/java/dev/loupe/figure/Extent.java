package dev.loupe.figure;

import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * What values span on an axis.
 *
 * @param low above high where there are no values
 * @param snugLow whether the axis shall begin exactly there, as at 0 below bars
 * @param snugHigh whether it shall end exactly there
 * @param whole whether all values are whole numbers
 */
record Extent(double low, double high, boolean snugLow, boolean snugHigh, boolean whole) {
  private static final double HEADROOM = 0.14;
  private static final Extent EMPTY =
      new Extent(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, false, false, true);

  boolean empty() {
    return !(low <= high);
  }

  /** Of what panels show from left to right. */
  static Extent x(List<Panel> panels) {
    return panels.stream().map(Extent::x).reduce(EMPTY, Extent::and);
  }

  /** Of what panels show from bottom to top. */
  static Extent y(List<Panel> panels) {
    Extent all = panels.stream().map(Extent::y).reduce(EMPTY, Extent::and);
    return all.low == 0 ? all.snug(true, all.snugHigh) : all; // nothing is below the least of 0
  }

  private static Extent x(Panel panel) {
    Extent lines = of(panel.x(), references(panel, ReferenceLine.Direction.VERTICAL));
    return panel.marks().stream().map(mark -> x(mark, panel.x())).reduce(lines, Extent::and);
  }

  private static Extent y(Panel panel) {
    Extent lines = of(panel.y(), references(panel, ReferenceLine.Direction.HORIZONTAL));
    Extent all = panel.marks().stream().map(mark -> y(mark, panel.y())).reduce(lines, Extent::and);
    boolean labels = references(panel, ReferenceLine.Direction.VERTICAL).findAny().isPresent();
    return labels && !all.snugHigh && !panel.y().log() ? all.higher() : all;
  }

  /** With room above the values for the labels of vertical lines. */
  private Extent higher() {
    return empty() ? this : new Extent(low, high + HEADROOM * (high - low), snugLow, false, whole);
  }

  private static Extent x(Mark mark, Axis axis) {
    return switch (mark) {
      case Mark.Line line -> of(axis, line.points().stream().mapToDouble(Mark.At::x));
      case Mark.Points points ->
          of(
              axis,
              points.points().stream().filter(Extent::drawn).flatMapToDouble(d -> ends(d.x())));
      case Mark.Histogram bins ->
          of(axis, bins.edges().stream().mapToDouble(edge -> edge)).snug(true, true);
      case Mark.Steps steps ->
          of(axis, steps.steps().stream().mapToDouble(Mark.Step::x)).snug(true, true);
      case Mark.Bars bars -> EMPTY;
      case Mark.Heat heat -> EMPTY;
    };
  }

  private static Extent y(Mark mark, Axis axis) {
    return switch (mark) {
      case Mark.Line line -> of(axis, line.points().stream().flatMapToDouble(p -> ends(p.y())));
      case Mark.Points points ->
          of(
              axis,
              points.points().stream().filter(Extent::drawn).flatMapToDouble(d -> ends(d.y())));
      case Mark.Histogram bins -> bars(axis, bins.counts().stream().mapToDouble(count -> count));
      case Mark.Bars bars -> bars(axis, bars.bars().stream().flatMapToDouble(b -> ends(b.value())));
      case Mark.Steps steps -> shares(axis, steps);
      case Mark.Heat heat -> EMPTY;
    };
  }

  private static boolean drawn(Mark.Dot dot) {
    return dot.x().measured() && dot.y().measured();
  }

  /** Lengths from 0; where the axis has no 0, from half of the least. */
  private static Extent bars(Axis axis, DoubleStream values) {
    Extent span = of(axis, values);
    if (span.empty()) {
      return span;
    }
    double low = axis.log() ? span.low / 2 : Math.min(0, span.low);
    double high = axis.log() ? span.high : Math.max(0, span.high);
    return new Extent(low, high, axis.log() || low == 0, high == 0, span.whole);
  }

  private static Extent shares(Axis axis, Mark.Steps steps) {
    return axis.log()
        ? of(axis, steps.steps().stream().mapToDouble(Mark.Step::share)).snug(false, true)
        : new Extent(0, 1, true, true, false);
  }

  private static DoubleStream references(Panel panel, ReferenceLine.Direction direction) {
    return panel.references().stream()
        .filter(line -> line.direction() == direction)
        .mapToDouble(ReferenceLine::at);
  }

  private static DoubleStream ends(Estimate estimate) {
    return Stream.of(estimate.value(), estimate.low(), estimate.high())
        .mapToDouble(value -> value)
        .filter(value -> !Double.isNaN(value));
  }

  /** Of the values that the axis has a place for. */
  static Extent of(Axis axis, DoubleStream values) {
    return values
        .filter(value -> !axis.log() || value > 0)
        .mapToObj(v -> new Extent(v, v, false, false, v == StrictMath.rint(v)))
        .reduce(EMPTY, Extent::and);
  }

  private Extent snug(boolean atLow, boolean atHigh) {
    return new Extent(low, high, atLow, atHigh, whole);
  }

  /** Of both. An end is snug if whichever reaches furthest is. */
  private Extent and(Extent other) {
    boolean atLow =
        low < other.low ? snugLow : other.low < low ? other.snugLow : snugLow || other.snugLow;
    boolean atHigh =
        high > other.high
            ? snugHigh
            : other.high > high ? other.snugHigh : snugHigh || other.snugHigh;
    return new Extent(
        Math.min(low, other.low), Math.max(high, other.high), atLow, atHigh, whole && other.whole);
  }
}
