package dev.loupe.report;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.figure.Axis;
import dev.loupe.figure.Block;
import dev.loupe.figure.Cell;
import dev.loupe.figure.Estimate;
import dev.loupe.figure.Figure;
import dev.loupe.figure.FigureTable;
import dev.loupe.figure.Mark;
import dev.loupe.figure.Panel;
import dev.loupe.figure.Paragraph;
import dev.loupe.figure.Section;
import dev.loupe.probing.AbsorptionReport;
import dev.loupe.probing.ProbingReport;
import dev.loupe.probing.Score;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What can be read of features: sparse probes beside dense ones, and absorption. */
final class ProbingSection {
  private ProbingSection() {}

  static Optional<Section> of(Sources sources) {
    List<Block> blocks = new ArrayList<>();
    sources
        .probing()
        .ifPresent(report -> {
          blocks.add(byLayer(report));
          blocks.add(table(report));
        });
    sources.absorption().ifPresent(report -> blocks.add(absorption(report)));
    return blocks.isEmpty()
        ? Optional.empty()
        : Optional.of(new Section("probing", "Probes and absorption", blocks));
  }

  private static Estimate estimate(Score score) {
    return Estimate.of(score.value(), score.low(), score.high());
  }

  /** A panel for each site and width: accuracy by layer, for each k. */
  private static Figure byLayer(ProbingReport report) {
    Map<String, Map<String, List<Mark.At>>> panels = new LinkedHashMap<>();
    report
        .dictionaries()
        .forEach((name, found) -> {
          DictionaryName parsed = DictionaryName.parse(name);
          Map<String, List<Mark.At>> lines =
              panels.computeIfAbsent(Series.column(parsed), _ -> new LinkedHashMap<>());
          found
              .sparse()
              .forEach(
                  (k, probes) -> add(lines, k + " features", parsed.layer(), probes.accuracy()));
          ProbingReport.OfHook hook = report.hooks().get(found.hook());
          if (hook != null) {
            hook.neurons()
                .forEach(
                    (k, probes) -> add(lines, k + " neurons", parsed.layer(), probes.accuracy()));
            add(lines, "dense", parsed.layer(), hook.dense().accuracy());
          }
        });
    return Figure.of(
        "probing-accuracy",
        "Categories read from features, neurons and everything",
        "Mean test accuracy of balanced one-against-rest probes of %d categories; half is chance."
            .formatted(report.tasks().size()),
        "./loupe probe SUITE --model M --corpus C",
        panels.entrySet().stream()
            .limit(Figure.MOST_COLUMNS)
            .map(panel ->
                Panel.of(
                    panel.getKey(),
                    Axis.linear("layer", ""),
                    Axis.linear("accuracy", "").within(0.5, 1),
                    panel.getValue().entrySet().stream()
                        .map(line -> new Mark.Line(line.getKey(), line.getValue()))
                        .toList()))
            .toList());
  }

  private static void add(
      Map<String, List<Mark.At>> lines, String name, int layer, Score accuracy) {
    lines.computeIfAbsent(name, _ -> new ArrayList<>()).add(new Mark.At(layer, estimate(accuracy)));
  }

  private static FigureTable table(ProbingReport report) {
    List<FigureTable.Column> columns = new ArrayList<>();
    columns.add(FigureTable.Column.of("dictionary"));
    for (int k : report.k()) {
      for (String what : List.of("features", "neurons", "random dictionary", "random model")) {
        columns.add(FigureTable.Column.of(what + ", k = " + k));
      }
    }
    columns.add(FigureTable.Column.of("dense"));
    List<List<Cell>> rows = new ArrayList<>();
    report
        .dictionaries()
        .forEach((name, found) -> {
          ProbingReport.OfHook hook = report.hooks().get(found.hook());
          List<Object> cells = new ArrayList<>(List.of(name));
          for (int k : report.k()) {
            cells.add(accuracy(found.sparse(), k));
            cells.add(hook == null ? Estimate.NONE : accuracy(hook.neurons(), k));
            cells.add(accuracy(found.random(), k));
            cells.add(
                Optional.ofNullable(found.floor().get(k))
                    .map(means -> estimate(means.accuracy()))
                    .orElse(Estimate.NONE));
          }
          cells.add(hook == null ? Estimate.NONE : estimate(hook.dense().accuracy()));
          rows.add(Cell.row(cells.toArray()));
        });
    return new FigureTable(
        "probes",
        "Accuracy of probes",
        "Test accuracy, mean over categories, with 95 % intervals over documents.",
        "./loupe probe SUITE --model M --corpus C --floor RANDOM_SUITE",
        columns,
        rows);
  }

  private static Estimate accuracy(Map<Integer, ProbingReport.Probes> probes, int k) {
    return Optional.ofNullable(probes.get(k))
        .map(found -> estimate(found.accuracy()))
        .orElse(Estimate.NONE);
  }

  private static Block absorption(AbsorptionReport report) {
    if (!report.measurable()) {
      double best =
          report.hooks().values().stream()
              .flatMap(hook -> hook.letters().stream())
              .flatMap(letter -> letter.f1().stream())
              .mapToDouble(Score::value)
              .max()
              .orElse(Double.NaN);
      return new Paragraph(
          "First-letter absorption is not measurable on %s: a dense probe tells no letter with an F1 of %.1f (the best has %.2f)."
              .formatted(report.model(), report.rule().leastF1(), best));
    }
    List<List<Cell>> rows = new ArrayList<>();
    report
        .dictionaries()
        .forEach((name, found) ->
            rows.add(
                Cell.row(
                    name,
                    found.letters().size(),
                    found.full().map(ProbingSection::estimate).orElse(Estimate.NONE),
                    found.fraction().map(ProbingSection::estimate).orElse(Estimate.NONE))));
    return new FigureTable(
        "absorption",
        "First-letter absorption",
        "Share of places at which the features of a first letter are silent because another carries"
            + " its direction, and the mean fraction that others carry.",
        "./loupe absorption SUITE --model M --corpus C",
        List.of(
            FigureTable.Column.of("dictionary"),
            FigureTable.Column.of("letters"),
            FigureTable.Column.of("full absorption"),
            FigureTable.Column.of("absorption fraction")),
        rows);
  }
}
