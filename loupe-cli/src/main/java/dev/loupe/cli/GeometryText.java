package dev.loupe.cli;

import dev.loupe.geometry.Comparison;
import dev.loupe.geometry.DirectionClusters;
import dev.loupe.geometry.Distribution;
import dev.loupe.geometry.FeatureLabel;
import dev.loupe.geometry.GeometryReport;
import dev.loupe.geometry.Neighbours;
import dev.loupe.geometry.Stability;
import java.util.ArrayList;
import java.util.List;

/** What {@code geometry} found, for people. */
final class GeometryText {
  private static final int CLUSTERS = 5;
  private static final int MEMBERS = 4;

  private GeometryText() {}

  static String of(GeometryReport report) {
    List<String> parts = new ArrayList<>();
    parts.add(dictionaries(report));
    if (!report.comparisons().isEmpty()) {
      parts.add(comparisons(report));
    }
    if (!report.stability().isEmpty()) {
      parts.add(stability(report));
    }
    if (!report.neighbours().isEmpty()) {
      parts.add(neighbours(report));
    }
    if (!report.clusters().isEmpty()) {
      parts.add(clusters(report));
    }
    report
        .map()
        .ifPresent(map ->
            parts.add(
                "Map: %,d of %,d features, in the report."
                    .formatted(map.drawn(), map.available())));
    return String.join("\n\n", parts);
  }

  private static String dictionaries(GeometryReport report) {
    TextTable table = new TextTable(List.of("dictionary", "features", "live", "D", "dead by"));
    for (GeometryReport.Counted counted : report.dictionaries()) {
      table.row(
          counted.name().toString(),
          "%,d".formatted(counted.features()),
          "%,d".formatted(counted.live()),
          "%,d".formatted(counted.dimensions()),
          counted.deadBy().toString());
    }
    return table.toString();
  }

  private static String comparisons(GeometryReport report) {
    TextTable table =
        new TextTable(
            List.of(
                "from",
                "to",
                "mean",
                "median",
                "> 0.7",
                "> 0.9",
                "random mean",
                "99 %",
                "covariance mean",
                "99 %",
                "above it"),
            "to");
    for (Comparison comparison : report.comparisons()) {
      Distribution measured = comparison.measured();
      table.row(
          comparison.from().toString(),
          comparison.to().toString(),
          number(measured.mean()),
          number(measured.quantile(0.5)),
          percent(measured.above07()),
          percent(measured.above09()),
          number(comparison.random().mean()),
          number(comparison.random().quantile(0.99)),
          number(comparison.covariance().mean()),
          number(comparison.covariance().quantile(0.99)),
          percent(comparison.aboveCovariance()));
    }
    return "Maximum cosines, beside those of random directions and of directions with the"
        + " covariance of the columns looked into\n"
        + table
        + johnsonLindenstrauss(report);
  }

  private static String johnsonLindenstrauss(GeometryReport report) {
    return report.comparisons().stream()
        .flatMap(comparison ->
            comparison
                .johnsonLindenstrauss()
                .map(bound -> "\n%s: epsilon %.3f".formatted(comparison.to(), bound.epsilon()))
                .stream())
        .distinct()
        .reduce("", String::concat);
  }

  private static String stability(GeometryReport report) {
    TextTable table =
        new TextTable(
            List.of(
                "first",
                "second",
                "mean there",
                "and back",
                "> 0.7",
                "> 0.9",
                "matched mean",
                "> 0.7",
                "> 0.9",
                "unmatched"),
            "second");
    for (Stability of : report.stability()) {
      table.row(
          of.first().toString(),
          of.second().toString(),
          number(of.forward().mean()),
          number(of.backward().mean()),
          percent(of.forward().above07()),
          percent(of.forward().above09()),
          number(of.matched().mean()),
          percent(of.matched().above07()),
          percent(of.matched().above09()),
          "" + of.unmatched());
    }
    return "Stability over seeds: maximum cosines, and those of pairs matched one to one\n" + table;
  }

  private static String neighbours(GeometryReport report) {
    TextTable table =
        new TextTable(
            List.of("feature", "cosine", "neighbour", "fires on"), "neighbour", "fires on");
    for (Neighbours of : report.neighbours()) {
      for (Neighbours.Near near : of.nearest()) {
        table.row(
            of.feature().feature().toString(),
            number(near.cosine()),
            near.feature().feature().toString(),
            words(near.feature()));
      }
    }
    return "Neighbours by cosine of decoder columns\n" + table;
  }

  private static String clusters(GeometryReport report) {
    TextTable table =
        new TextTable(
            List.of("clusters of", "number", "size", "cosine", "members nearest to its centre"),
            "members nearest to its centre");
    for (DirectionClusters of : report.clusters()) {
      table.row(
          of.dictionary().toString(),
          "" + of.clusters().size(),
          "%,d".formatted(of.clustered()),
          "",
          "%,d features in none; edges above %.2f".formatted(of.unclustered(), of.leastCosine()));
      of.clusters().stream()
          .limit(CLUSTERS)
          .forEach(cluster ->
              table.row(
                  "",
                  "" + cluster.number(),
                  "" + cluster.size(),
                  number(cluster.meanCosine()),
                  members(cluster)));
    }
    return table.toString();
  }

  private static String members(DirectionClusters.Cluster cluster) {
    return String.join(
        "; ",
        cluster.members().stream()
            .limit(MEMBERS)
            .map(member ->
                "%d %s".formatted(member.feature().feature().feature(), words(member.feature())))
            .toList());
  }

  /** The explanation where there is one, else the strongest tokens. */
  static String words(FeatureLabel label) {
    return label
        .explanation()
        .orElseGet(() ->
            String.join(" ", label.tokens().stream().limit(3).map(SampleLine::quoted).toList()));
  }

  static String number(double value) {
    return "%.3f".formatted(value);
  }

  static String percent(double share) {
    return "%.1f %%".formatted(100 * share);
  }
}
