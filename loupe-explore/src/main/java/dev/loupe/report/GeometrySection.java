package dev.loupe.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.figure.Axis;
import dev.loupe.figure.Block;
import dev.loupe.figure.Cell;
import dev.loupe.figure.Estimate;
import dev.loupe.figure.Figure;
import dev.loupe.figure.FigureTable;
import dev.loupe.figure.Mark;
import dev.loupe.figure.Panel;
import dev.loupe.figure.Section;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Directions of features: the paper's Figures 7 and 8, stability over seeds, and splitting. */
final class GeometrySection {
  private static final String GEOMETRY = "./loupe geometry SUITE";
  private static final int MOST_COMPARISONS = 6;
  private static final int MOST_FAMILIES = 20;
  private static final int MOST_LABELS = 60;
  private static final int CHILDREN = 3; // of a family, that are named
  private static final int WORDS = 3;

  private GeometrySection() {}

  static Optional<Section> of(Sources sources) {
    List<Block> blocks = new ArrayList<>();
    sources
        .geometry()
        .ifPresent(report -> {
          if (!report.path("comparisons").isEmpty()) {
            blocks.add(cosines(report));
            blocks.add(comparisons(report));
          }
          if (!report.path("stability").isEmpty()) {
            blocks.add(stability(report));
          }
          if (!report.path("map").path("points").isEmpty()) {
            blocks.add(map(report));
          }
        });
    sources
        .splittings()
        .forEach(report -> {
          blocks.add(kinds(report));
          blocks.add(families(report));
        });
    return blocks.isEmpty()
        ? Optional.empty()
        : Optional.of(new Section("geometry", "Geometry and splitting", blocks));
  }

  private static Figure cosines(JsonNode report) {
    return Figure.of(
        "cosines",
        "Nearest directions in another dictionary",
        "Share of features whose largest cosine with a decoder column of the other dictionary is at"
            + " most x, beside random directions and directions of the other's covariance (paper,"
            + " Figure 8).",
        GEOMETRY,
        report
            .path("comparisons")
            .valueStream()
            .limit(MOST_COMPARISONS)
            .map(comparison ->
                Panel.of(
                    named(comparison, "from", " to ", "to"),
                    Axis.linear("largest cosine", "").within(0, 1),
                    Axis.linear("share of features", "").within(0, 1),
                    List.of(
                        steps("measured", comparison.path("measured")),
                        steps("covariance", comparison.path("covariance")),
                        steps("random", comparison.path("random")))))
            .toList());
  }

  private static Mark.Steps steps(String name, JsonNode distribution) {
    List<Mark.Step> steps = new ArrayList<>();
    JsonNode histogram = distribution.path("histogram");
    int bins = histogram.size();
    int count = Math.max(1, distribution.path("count").intValue());
    double sum = 0;
    for (int bin = 0; bin < bins; bin++) {
      sum += histogram.get(bin).intValue();
      double upper = -1 + 2.0 * (bin + 1) / bins;
      if (upper >= 0) {
        steps.add(new Mark.Step(upper, Math.min(1, sum / count)));
      }
    }
    return new Mark.Steps(name, steps);
  }

  private static FigureTable comparisons(JsonNode report) {
    List<List<Cell>> rows = new ArrayList<>();
    for (JsonNode each : report.path("comparisons")) {
      rows.add(
          Cell.row(
              named(each, "from", " to ", "to"),
              number(each.path("measured").path("mean")),
              number(each.path("random").path("mean")),
              number(each.path("covariance").path("mean")),
              number(each.path("share_above_random")),
              number(each.path("share_above_covariance")),
              number(each.path("measured").path("share_above_0.7")),
              number(each.path("johnson_lindenstrauss").path("epsilon"))));
    }
    return new FigureTable(
        "comparisons",
        "Largest cosines",
        "Above: the share of features beyond the 99 % quantile of the baseline. The"
            + " Johnson-Lindenstrauss bound stands only where D is at least 1,000.",
        GEOMETRY,
        columns(
            "from and to",
            "mean",
            "mean, random",
            "mean, covariance",
            "above random",
            "above covariance",
            "above 0.7",
            "Johnson-Lindenstrauss"),
        rows);
  }

  private static FigureTable stability(JsonNode report) {
    List<List<Cell>> rows = new ArrayList<>();
    for (JsonNode each : report.path("stability")) {
      rows.add(
          Cell.row(
              named(each, "first", " and ", "second"),
              number(each.path("forward").path("mean")),
              number(each.path("forward").path("share_above_0.7")),
              number(each.path("forward").path("share_above_0.9")),
              number(each.path("matched").path("mean")),
              number(each.path("unmatched"))));
    }
    return new FigureTable(
        "stability",
        "What comes back with another seed",
        "Largest cosines of one dictionary's features with the other's, and of pairs matched one to"
            + " one.",
        GEOMETRY,
        columns("seeds", "mean", "above 0.7", "above 0.9", "mean, matched", "unmatched"),
        rows);
  }

  /** Around chosen features as in the paper, or of whole dictionaries. */
  private static Figure map(JsonNode report) {
    JsonNode map = report.path("map");
    JsonNode settings = report.path("settings");
    String drawn =
        List.of("features", "map").stream()
            .filter(option -> !settings.path(option).isEmpty())
            .map(option -> " --%s %s".formatted(option, joined(settings.path(option))))
            .collect(Collectors.joining());
    Map<String, List<Mark.Dot>> series = new LinkedHashMap<>();
    boolean labelled = map.path("points").size() <= MOST_LABELS;
    for (JsonNode point : map.path("points")) {
      String label =
          point.path("explanation").asText(point.path("tokens").path(0).asText("")).strip();
      series
          .computeIfAbsent(point.path("feature").asText().split("/", 2)[0], _ -> new ArrayList<>())
          .add(
              new Mark.Dot(
                  number(point.path("x")), number(point.path("y")), labelled ? label : ""));
    }
    return Figure.of(
        "map",
        "Map of features",
        "UMAP of decoder columns by cosine, %,d of %,d (paper, Figure 7). Near points are alike;"
                .formatted(map.path("drawn").intValue(), map.path("available").intValue())
            + " distances between far ones say nothing.",
        GEOMETRY + drawn,
        List.of(
            Panel.of(
                "",
                Axis.linear("first dimension", ""),
                Axis.linear("second dimension", ""),
                series.entrySet().stream()
                    .map(each -> new Mark.Points(each.getKey(), each.getValue()))
                    .toList())));
  }

  private static String joined(JsonNode values) {
    return values.valueStream().map(JsonNode::asText).collect(Collectors.joining(","));
  }

  private static String command(JsonNode report) {
    return "./loupe splitting SUITE %s %s --model M --corpus C"
        .formatted(narrow(report), wide(report));
  }

  private static String id(String what, JsonNode report) {
    return (what + "-" + narrow(report) + "-" + wide(report))
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^a-z0-9]+", "-");
  }

  private static Figure kinds(JsonNode report) {
    JsonNode measured = report.path("counts").path("wide");
    JsonNode chance = report.path("counts").path("wide_by_chance");
    return Figure.of(
        id("splitting", report),
        "From %s to %s".formatted(narrow(report), wide(report)),
        "Wide features by what they are to the narrow ones: by decoder cosine and by whose firings"
            + " contain theirs; beside the same with their firings moved in time.",
        command(report),
        List.of(
            Panel.of(
                "",
                Axis.linear("wide features", ""),
                Axis.linear("features", "").from(0),
                List.of(bars("measured", measured), bars("by chance", chance)))));
  }

  private static Mark.Bars bars(String name, JsonNode counts) {
    return new Mark.Bars(
        name,
        counts.properties().stream()
            .map(count -> new Mark.Bar(count.getKey().replace('_', ' '), number(count.getValue())))
            .toList());
  }

  private static FigureTable families(JsonNode report) {
    List<List<Cell>> rows = new ArrayList<>();
    report
        .path("families")
        .valueStream()
        .limit(MOST_FAMILIES)
        .forEach(tree ->
            rows.add(
                Cell.row(
                    tree.path("feature").asText() + " " + words(tree),
                    tree.path("category").path("name").asText(""),
                    tree.path("children").size(),
                    number(tree.path("coverage")),
                    tree.path("children")
                        .valueStream()
                        .limit(CHILDREN)
                        .map(GeometrySection::child)
                        .collect(Collectors.joining("; ")))));
    return new FigureTable(
        id("families", report),
        "Families of %s in %s".formatted(narrow(report), wide(report)),
        "Narrow features with the most children; coverage is the share of the parent's firings on"
            + " which a child fires, in brackets the share of the child's firings on which the"
            + " parent fires.",
        command(report),
        columns("parent", "category", "children", "coverage", "first children"),
        rows);
  }

  private static String child(JsonNode child) {
    return "%s %s (%.2f)"
        .formatted(
            child.path("feature").asText().replaceFirst(".*/", ""),
            words(child),
            child.path("containment").doubleValue());
  }

  /** The first tokens that a feature fires on. */
  private static String words(JsonNode feature) {
    return feature
        .path("tokens")
        .valueStream()
        .limit(WORDS)
        .map(token -> token.asText().strip().replace("\n", "↵"))
        .collect(Collectors.joining(" "));
  }

  private static String narrow(JsonNode report) {
    return report.path("settings").path("narrow").asText();
  }

  private static String wide(JsonNode report) {
    return report.path("settings").path("wide").asText();
  }

  private static String named(JsonNode each, String first, String between, String second) {
    return each.path(first).asText() + between + each.path(second).asText();
  }

  private static Estimate number(JsonNode value) {
    return value.isNumber() ? Estimate.of(value.doubleValue()) : Estimate.NONE;
  }

  private static List<FigureTable.Column> columns(String... headings) {
    return Arrays.stream(headings).map(FigureTable.Column::of).toList();
  }
}
