package dev.loupe.report;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Site;
import dev.loupe.evaluate.Metric;
import dev.loupe.evaluate.PositionReport;
import dev.loupe.figure.Axis;
import dev.loupe.figure.Cell;
import dev.loupe.figure.Figure;
import dev.loupe.figure.FigureTable;
import dev.loupe.figure.Mark;
import dev.loupe.figure.Panel;
import dev.loupe.figure.Paragraph;
import dev.loupe.figure.ReferenceLine;
import dev.loupe.figure.Section;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Longer contexts than in training: the paper's Figure 5. */
final class LongContextSection {
  private static final int MOST_LINES = 6;

  private final PositionReport report;
  private final String command;

  private LongContextSection(PositionReport report) {
    this.report = report;
    this.command =
        "./loupe evaluate SUITE --model M --corpus C --by-position --context " + report.context();
  }

  static Optional<Section> of(Sources sources) {
    return sources.positions().map(report -> new LongContextSection(report).section());
  }

  private Section section() {
    return new Section(
        "long-context",
        "Longer contexts",
        List.of(
            new Paragraph(
                "Trained on contexts of %,d, evaluated on %,d contexts of %,d tokens from %,d documents: every position has the same documents."
                    .formatted(
                        report.trainedContext(),
                        report.contexts(),
                        report.context(),
                        report.documents())),
            byPosition(),
            table()));
  }

  /** Residual dictionaries, spread over the layers; all others are in the table. */
  private List<String> shown() {
    List<String> residual =
        report.dictionaries().keySet().stream()
            .filter(name -> DictionaryName.parse(name).site() == Site.R)
            .toList();
    List<String> from = residual.isEmpty() ? List.copyOf(report.dictionaries().keySet()) : residual;
    int step = Math.max(1, Math.ceilDiv(from.size(), MOST_LINES));
    List<String> shown = new ArrayList<>();
    for (int i = 0; i < from.size(); i += step) {
      shown.add(from.get(i));
    }
    return shown;
  }

  private Figure byPosition() {
    Map<String, Axis> metrics = new LinkedHashMap<>();
    metrics.put(
        "mse_ratio", Axis.linear("squared error over its mean in the training context", ""));
    metrics.put("l0", Axis.linear("L0", "").from(0));
    metrics.put("explained_variance", Axis.linear("explained variance", ""));
    metrics.put("delta_loss", Axis.linear("delta loss", "nats"));
    return new Figure(
        "by-position",
        "By position",
        "Means of ranges of positions with 95 % intervals over documents (paper, Figure 5).",
        command,
        2,
        metrics.entrySet().stream()
            .map(metric -> panel(metric.getKey(), metric.getValue()))
            .toList());
  }

  private Panel panel(String metric, Axis y) {
    return Panel.of(
            metric.replace('_', ' '),
            Axis.linear("position", ""),
            y,
            shown().stream().map(name -> line(name, metric)).toList())
        .with(ReferenceLine.vertical(report.trainedContext(), "training context"));
  }

  private Mark.Line line(String name, String metric) {
    return new Mark.Line(
        name,
        report.dictionaries().get(name).ranges().stream()
            .map(range ->
                new Mark.At(
                    (range.from() + range.to() - 1) / 2.0,
                    Series.estimate(range.metrics().get(metric))))
            .toList());
  }

  private FigureTable table() {
    List<List<Cell>> rows = new ArrayList<>();
    report
        .dictionaries()
        .forEach((name, found) -> {
          Map<String, Metric> inside = found.inside().metrics();
          Map<String, Metric> last = found.last().metrics();
          rows.add(
              Cell.row(
                  name,
                  Series.estimate(last.get("mse_ratio")),
                  Series.estimate(inside.get("l0")),
                  Series.estimate(last.get("l0")),
                  Series.estimate(inside.get("explained_variance")),
                  Series.estimate(last.get("explained_variance")),
                  Series.estimate(inside.get("delta_loss")),
                  Series.estimate(last.get("delta_loss"))));
        });
    PositionReport.Range last = report.dictionaries().firstEntry().getValue().last();
    return new FigureTable(
        "positions",
        "Inside the training context and at the end",
        "The end is positions %,d to %,d.".formatted(last.from(), last.to() - 1),
        command,
        List.of(
            FigureTable.Column.of("dictionary"),
            FigureTable.Column.of("error ratio at the end"),
            FigureTable.Column.of("L0 inside"),
            FigureTable.Column.of("L0 at the end"),
            FigureTable.Column.of("explained variance inside"),
            FigureTable.Column.of("explained variance at the end"),
            FigureTable.Column.of("delta loss inside"),
            FigureTable.Column.of("delta loss at the end")),
        rows);
  }
}
