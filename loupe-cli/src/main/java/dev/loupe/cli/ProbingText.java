package dev.loupe.cli;

import dev.loupe.probing.ProbingReport;
import dev.loupe.probing.Score;
import java.util.ArrayList;
import java.util.List;

/** A probing report as tables: mean accuracies over the tasks. */
final class ProbingText {
  private ProbingText() {}

  static String of(ProbingReport report) {
    StringBuilder text = new StringBuilder();
    text.append(
        "%d categories against the rest, balanced; %,d documents to fit on, %,d held out; mean accuracy with its 95 %% interval%n"
            .formatted(report.tasks().size(), report.trainDocuments(), report.testDocuments()));
    for (int k : report.k()) {
      text.append('\n').append(table(report, k)).append('\n');
    }
    if (!report.leftOut().isEmpty()) {
      text.append("\nToo few documents: ")
          .append(
              String.join(
                  ", ",
                  report.leftOut().stream()
                      .map(of ->
                          "%s (%d, %d held out)".formatted(of.category(), of.train(), of.test()))
                      .toList()));
    }
    return text.toString().stripTrailing();
  }

  private static String table(ProbingReport report, int k) {
    boolean random = report.dictionaries().values().stream().anyMatch(of -> !of.random().isEmpty());
    boolean floor = report.dictionaries().values().stream().anyMatch(of -> !of.floor().isEmpty());
    List<String> header =
        new ArrayList<>(List.of("k = " + k, "features", "", "neurons", "dense", "F1 features"));
    if (random) {
      header.add("random");
    }
    if (floor) {
      header.add("floor");
    }
    TextTable table = new TextTable(header, "");
    report
        .dictionaries()
        .forEach((name, of) -> {
          ProbingReport.OfHook hook = report.hooks().get(of.hook());
          ProbingReport.Probes sparse = of.sparse().get(k);
          List<String> row =
              new ArrayList<>(
                  List.of(
                      name,
                      number(sparse.accuracy()),
                      interval(sparse.accuracy()),
                      number(hook.neurons().get(k).accuracy()),
                      number(hook.dense().accuracy()),
                      number(sparse.f1())));
          if (random) {
            row.add(of.random().isEmpty() ? "-" : number(of.random().get(k).accuracy()));
          }
          if (floor) {
            row.add(of.floor().isEmpty() ? "-" : number(of.floor().get(k).accuracy()));
          }
          table.row(row.toArray(String[]::new));
        });
    return table.toString();
  }

  static String number(Score score) {
    return "%.3f".formatted(score.value());
  }

  static String interval(Score score) {
    return "%.3f-%.3f".formatted(score.low(), score.high());
  }
}
