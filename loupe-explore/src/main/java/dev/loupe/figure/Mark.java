package dev.loupe.figure;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.stream.IntStream;

/**
 * One series in a panel. Series of one name look alike in all panels of a figure, and share an
 * entry of its legend.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Mark.Line.class, name = "line"),
  @JsonSubTypes.Type(value = Mark.Points.class, name = "points"),
  @JsonSubTypes.Type(value = Mark.Bars.class, name = "bars"),
  @JsonSubTypes.Type(value = Mark.Histogram.class, name = "histogram"),
  @JsonSubTypes.Type(value = Mark.Steps.class, name = "steps"),
  @JsonSubTypes.Type(value = Mark.Heat.class, name = "heat")
})
public sealed interface Mark {
  /** What the series is called. */
  String name();

  /**
   * Points joined in their order, with a band over their intervals. A point without a value is a
   * gap.
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record Line(String name, List<At> points) implements Mark {
    public Line {
      Checks.notBlank("the name of a line", name);
      points = List.copyOf(points);
    }
  }

  /** A point of a line. */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record At(double x, Estimate y) {
    public At {
      Checks.finite("x of a point", x);
    }
  }

  /** Separate points: a scatter. */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record Points(String name, List<Dot> points) implements Mark {
    public Points {
      Checks.notBlank("the name of points", name);
      points = List.copyOf(points);
    }
  }

  /**
   * A point of a scatter, with error bars where it has intervals.
   *
   * @param label empty for none; written beside the point while there is room
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record Dot(Estimate x, Estimate y, String label) {
    /** A point without a label. */
    public static Dot of(double x, double y) {
      return new Dot(Estimate.of(x), Estimate.of(y), "");
    }
  }

  /** One bar a category, from 0; several series stand beside each other. */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record Bars(String name, List<Bar> bars) implements Mark {
    public Bars {
      Checks.notBlank("the name of bars", name);
      bars = List.copyOf(bars);
      Checks.notEmpty("a bar of '" + name + "'", bars);
      Checks.distinct("categories of '" + name + "'", bars.stream().map(Bar::category).toList());
    }
  }

  /** A bar, with a whisker where it has an interval. */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record Bar(String category, Estimate value) {
    public Bar {
      Checks.notBlank("the category of a bar", category);
    }
  }

  /**
   * Counts, or shares, of values in bins; several series lie over each other.
   *
   * @param edges of the bins, ascending: one more than counts
   * @param counts from 0
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record Histogram(String name, List<Double> edges, List<Double> counts) implements Mark {
    public Histogram {
      Checks.notBlank("the name of a histogram", name);
      edges = List.copyOf(edges);
      counts = List.copyOf(counts);
      Checks.notEmpty("a bin of '" + name + "'", counts);
      if (edges.size() != counts.size() + 1) {
        throw new IllegalArgumentException(
            "expected %d edges for %d bins of '%s', got %d"
                .formatted(counts.size() + 1, counts.size(), name, edges.size()));
      }
      edges.forEach(edge -> Checks.finite("an edge of '" + name + "'", edge));
      for (int i = 0; i < counts.size(); i++) {
        checkBin(name, i, edges.get(i), edges.get(i + 1), counts.get(i));
      }
    }

    private static void checkBin(String name, int bin, double low, double high, double count) {
      Checks.finite("a count of '" + name + "'", count);
      if (!(low < high) || count < 0) {
        throw new IllegalArgumentException(
            "expected ascending edges and a count of 0 or more at bin %d of '%s', got %s to %s: %s"
                .formatted(bin, name, low, high, count));
      }
    }
  }

  /**
   * A cumulative share: 0 before the first step, and from each step's x on its share.
   *
   * @param steps with rising x and shares of 0 to 1 that do not fall
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record Steps(String name, List<Step> steps) implements Mark {
    public Steps {
      Checks.notBlank("the name of steps", name);
      steps = List.copyOf(steps);
      for (int i = 1; i < steps.size(); i++) {
        Step before = steps.get(i - 1);
        Step step = steps.get(i);
        if (!(before.x() < step.x()) || before.share() > step.share()) {
          throw new IllegalArgumentException(
              "expected rising x and shares that do not fall at step %d of '%s', got %s after %s"
                  .formatted(i, name, step, before));
        }
      }
    }

    /**
     * How values are distributed: the share of them at or below each.
     *
     * @param most steps to keep, at least 2: of more distinct values only those nearest to evenly
     *     spaced shares, each with its exact share
     */
    public static Steps cumulative(String name, double[] values, int most) {
      double[] sorted = values.clone();
      Arrays.sort(sorted);
      SequencedSet<Integer> last = new LinkedHashSet<>(); // of equal values
      for (int i = 0; i < sorted.length; i++) {
        if (i == sorted.length - 1 || sorted[i] < sorted[i + 1]) {
          last.add(i);
        }
      }
      List<Integer> ends = List.copyOf(last);
      int kept = Math.min(ends.size(), Math.max(2, most));
      return new Steps(
          name,
          IntStream.range(0, kept)
              .map(i -> ends.get(kept == 1 ? 0 : (int) ((long) i * (ends.size() - 1) / (kept - 1))))
              .mapToObj(end -> new Step(sorted[end], (end + 1.0) / sorted.length))
              .toList());
    }
  }

  /** From x on, this share of all. */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record Step(double x, double share) {
    public Step {
      Checks.finite("x of a step", x);
      if (!(share >= 0 && share <= 1)) {
        throw new IllegalArgumentException("expected a share of 0 to 1, got " + share);
      }
    }
  }

  /**
   * A table of values as colours.
   *
   * @param rows their labels, from the top
   * @param columns their labels
   * @param values [rows, columns]; {@link Estimate#NONE} where nothing was measured
   * @param value what the colours mean; its bounds are the ends of the scale
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record Heat(List<String> rows, List<String> columns, List<List<Estimate>> values, Axis value)
      implements Mark {
    public Heat {
      rows = List.copyOf(rows);
      columns = List.copyOf(columns);
      values = values.stream().map(List::copyOf).toList();
      Checks.notEmpty("a row of '" + value.label() + "'", rows);
      Checks.notEmpty("a column of '" + value.label() + "'", columns);
      Checks.distinct("rows of '" + value.label() + "'", rows);
      Checks.distinct("columns of '" + value.label() + "'", columns);
      int width = columns.size();
      if (values.size() != rows.size() || values.stream().anyMatch(r -> r.size() != width)) {
        throw new IllegalArgumentException(
            "expected values of '%s' [%d, %d], got %d rows of %s"
                .formatted(
                    value.label(),
                    rows.size(),
                    width,
                    values.size(),
                    values.stream().map(List::size).distinct().toList()));
      }
    }

    @Override
    public String name() {
      return value.label();
    }
  }
}
