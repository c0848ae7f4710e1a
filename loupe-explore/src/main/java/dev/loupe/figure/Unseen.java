package dev.loupe.figure;

import java.util.List;
import java.util.function.Predicate;

/** Counts what a panel holds and does not show, so that nothing is left out in silence. */
final class Unseen {
  private Unseen() {}

  private record Count(long unseen, long all) {
    Count and(Count other) {
      return new Count(unseen + other.unseen, all + other.all);
    }
  }

  /** Such as "3 of 40 values outside the axes"; empty where all are shown. */
  static String note(PlacedPanel at) {
    Count count =
        at.panel().marks().stream()
            .map(mark -> count(at, mark))
            .reduce(new Count(0, 0), Count::and);
    return count.unseen == 0
        ? ""
        : "%s of %s values outside the axes"
            .formatted(Numbers.text((double) count.unseen), Numbers.text((double) count.all));
  }

  private static Count count(PlacedPanel at, Mark mark) {
    return switch (mark) {
      case Mark.Line(var name, var points) ->
          count(points, p -> p.y().measured() && !at.holds(p.x(), p.y().value()));
      case Mark.Points(var name, var points) -> count(points, dot -> outside(at, dot));
      case Mark.Bars(var name, var bars) ->
          count(bars, b -> b.value().measured() && !at.y().holds(b.value().value()));
      case Mark.Histogram bins -> new Count(bins(at, bins), bins.counts().size());
      // a share keeps its meaning at the rim, a colour too
      case Mark.Steps _, Mark.Heat _ -> new Count(0, 0);
    };
  }

  private static <T> Count count(List<T> values, Predicate<T> unseen) {
    return new Count(values.stream().filter(unseen).count(), values.size());
  }

  private static boolean outside(PlacedPanel at, Mark.Dot dot) {
    return dot.x().measured() && dot.y().measured() && !at.holds(dot.x().value(), dot.y().value());
  }

  /** Bins that are cut by an end of the x axis, or hold more than the y axis shows. */
  private static long bins(PlacedPanel at, Mark.Histogram bins) {
    long unseen = 0;
    for (int i = 0; i < bins.counts().size(); i++) {
      double count = bins.counts().get(i);
      boolean inside = at.x().holds(bins.edges().get(i)) && at.x().holds(bins.edges().get(i + 1));
      if (count > 0 && (!inside || count > at.y().high())) {
        unseen++;
      }
    }
    return unseen;
  }
}
