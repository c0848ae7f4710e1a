package dev.loupe.report;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.evaluate.TransferReport;
import dev.loupe.figure.Axis;
import dev.loupe.figure.Cell;
import dev.loupe.figure.Figure;
import dev.loupe.figure.FigureTable;
import dev.loupe.figure.Mark;
import dev.loupe.figure.Panel;
import dev.loupe.figure.Paragraph;
import dev.loupe.figure.Section;
import dev.loupe.store.FeatureStore;
import dev.loupe.store.TokenColumns;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The suite on a fine-tuned model: the paper's Figure 6, and the features that shift. */
final class FineTunedSection {
  private static final String COMMAND =
      "./loupe transfer SUITE --model M --corpus C --tuned M2 --tuned-corpus C2";
  private static final int NAMED = 3; // features of a dictionary

  private final Sources sources;
  private final TransferReport report;

  private FineTunedSection(Sources sources, TransferReport report) {
    this.sources = sources;
    this.report = report;
  }

  static Optional<Section> of(Sources sources) {
    return sources.transfer().map(report -> new FineTunedSection(sources, report).section());
  }

  private Section section() {
    var base = report.cell(TransferReport.Cell.BASE_MODEL_BASE_TEXT);
    var tuned = report.cell(TransferReport.Cell.TUNED_MODEL_TUNED_TEXT);
    return new Section(
        "fine-tuned",
        "A fine-tuned model",
        List.of(
            new Paragraph(
                "Base model %s on %s, tuned model %s on %s; norms and thresholds are the suite's throughout."
                    .formatted(
                        base.model(),
                        String.join(", ", base.corpus()),
                        tuned.model(),
                        String.join(", ", tuned.corpus()))),
            byLayer(),
            shifts()));
  }

  /** A row of panels for each metric, a panel for each site and width. */
  private Figure byLayer() {
    Map<String, List<DictionaryName>> columns =
        Series.names(report.cell(TransferReport.Cell.BASE_MODEL_BASE_TEXT)).stream()
            .collect(
                Collectors.groupingBy(Series::column, LinkedHashMap::new, Collectors.toList()));
    List<Panel> panels =
        Stream.of("l0", "explained_variance", "delta_loss")
            .flatMap(metric ->
                columns.entrySet().stream()
                    .limit(Figure.MOST_COLUMNS)
                    .map(column -> panel(column.getKey(), column.getValue(), metric)))
            .toList();
    return new Figure(
        "transfer",
        "Two models on two texts",
        "L0, explained variance and delta loss (paper, Figure 6).",
        COMMAND,
        Math.min(columns.size(), Figure.MOST_COLUMNS),
        panels);
  }

  private Panel panel(String title, List<DictionaryName> names, String metric) {
    return Panel.of(
        title,
        Axis.linear("layer", ""),
        Axis.linear(metric.replace('_', ' '), ""),
        Arrays.stream(TransferReport.Cell.values())
            .map(cell ->
                new Mark.Line(
                    cell.label().replace('_', ' '),
                    names.stream()
                        .map(name ->
                            new Mark.At(
                                name.layer(), Series.estimate(report.cell(cell), name, metric)))
                        .toList()))
            .toList());
  }

  private FigureTable shifts() {
    List<List<Cell>> rows = new ArrayList<>();
    report
        .shifts()
        .forEach((name, shifts) -> {
          Optional<TokenColumns> tokens = tokens(DictionaryName.parse(name));
          shifts.stream()
              .limit(NAMED)
              .forEach(shift ->
                  rows.add(
                      Cell.row(
                          name + "/" + shift.feature(),
                          shift.rates().get(0),
                          shift.rates().get(1),
                          shift.rates().get(2),
                          shift.rates().get(3),
                          tokens.map(columns -> words(columns, shift.feature())).orElse(""))));
        });
    return new FigureTable(
        "shifts",
        "Features whose rates differ most between the models on the tuned model's text",
        "Share of counted tokens on which each fires; with the tokens that it fires on in the"
            + " analysed text.",
        COMMAND,
        Stream.concat(
                Stream.concat(
                    Stream.of("feature"),
                    Arrays.stream(TransferReport.Cell.values())
                        .map(cell -> cell.label().replace('_', ' '))),
                Stream.of("tokens"))
            .map(FigureTable.Column::of)
            .toList(),
        rows);
  }

  private Optional<TokenColumns> tokens(DictionaryName name) {
    if (!sources.analysed().contains(name)) {
      return Optional.empty();
    }
    try (FeatureStore store = FeatureStore.open(sources.store(name))) {
      return Optional.of(store.tokenColumns());
    }
  }

  private static String words(TokenColumns columns, int feature) {
    return IntStream.range(0, 6)
        .map(rank -> columns.tokens()[feature * TokenColumns.TOKENS + rank])
        .filter(id -> id >= 0)
        .mapToObj(id -> columns.texts().getOrDefault(id, "").replace("\n", "↵"))
        .collect(Collectors.joining(" · "));
  }
}
