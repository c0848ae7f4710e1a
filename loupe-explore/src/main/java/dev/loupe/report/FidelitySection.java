package dev.loupe.report;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Site;
import dev.loupe.evaluate.Report;
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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Sparsity against fidelity: the paper's Figures 2, 10 and 11, and what dictionaries must beat. */
final class FidelitySection {
  private static final String COMMAND =
      "./loupe evaluate SUITE --model M --corpus C --tokens 100k --floors --trained-gate";
  private static final Map<String, String> METRICS = metrics();
  private static final List<String> BY_LAYER =
      List.of("l0", "explained_variance_centred", "delta_loss");
  private static final int MOST_PLACES = 4; // panels of Figure 2
  private static final int MOST_LINES = 6; // of a panel; those of a sweep hide each other

  private final Sources sources;
  private final Report report;
  private final List<DictionaryName> names;

  private FidelitySection(Sources sources, Report report) {
    this.sources = sources;
    this.report = report;
    this.names = Series.names(report);
  }

  private static Map<String, String> metrics() {
    Map<String, String> metrics = new LinkedHashMap<>();
    metrics.put("l0", "L0");
    metrics.put("explained_variance_centred", "explained variance, centred");
    metrics.put("explained_variance", "explained variance");
    metrics.put("delta_loss", "delta loss (nats)");
    metrics.put("loss_recovered", "loss recovered");
    metrics.put("kl", "KL (nats)");
    metrics.put("dead_fraction", "dead");
    return metrics;
  }

  static Optional<Section> of(Sources sources) {
    return sources.evaluation().map(report -> new FidelitySection(sources, report).section());
  }

  private Section section() {
    List<Block> blocks = new ArrayList<>();
    blocks.add(
        new Paragraph(
            "%,d held-out tokens of %,d documents, losses on %,d; intervals are 95 %% bootstrap over documents."
                .formatted(report.tokens(), report.documents(), report.lossTokens())));
    blocks.add(byLayer());
    frontier().ifPresent(blocks::add);
    gates().ifPresent(blocks::add);
    blocks.add(
        table("summary", "All dictionaries", names.stream().filter(this::isTrained).toList()));
    List<DictionaryName> floors = names.stream().filter(name -> !isTrained(name)).toList();
    if (!floors.isEmpty()) {
      blocks.add(table("floors", "Floors and other gates", floors));
    }
    return new Section("fidelity", "Sparsity against fidelity", blocks);
  }

  private boolean isTrained(DictionaryName name) {
    return Series.isTrained(sources.suite(), name);
  }

  /** The paper's Figure 10: a line for each site and width; a row for each kind in a sweep. */
  private Figure byLayer() {
    Map<String, List<DictionaryName>> rows =
        names.stream()
            .filter(this::isTrained)
            .collect(Collectors.groupingBy(this::row, LinkedHashMap::new, Collectors.toList()));
    List<Panel> panels = new ArrayList<>();
    rows.forEach((row, of) -> {
      for (String metric : BY_LAYER) {
        panels.add(byLayer(row, of, metric));
      }
    });
    return new Figure(
        "by-layer",
        "Every dictionary by layer",
        "L0, explained variance and the cost in loss of splicing the reconstruction in (paper,"
            + " Figure 10).",
        COMMAND,
        BY_LAYER.size(),
        panels);
  }

  /** What has a row of its own: all together, or each site and gate where lines would be many. */
  private String row(DictionaryName name) {
    long lines = names.stream().filter(this::isTrained).map(Series::column).distinct().count();
    return lines <= MOST_LINES ? "" : name.site() + ", " + Series.kind(sources.suite(), name);
  }

  private Panel byLayer(String row, List<DictionaryName> of, String metric) {
    Map<String, List<Mark.At>> lines = new LinkedHashMap<>();
    of.forEach(name ->
        lines
            .computeIfAbsent(Series.column(name), _ -> new ArrayList<>())
            .add(new Mark.At(name.layer(), Series.estimate(report, name, metric))));
    return Panel.of(
        row.isEmpty() ? METRICS.get(metric) : row,
        Axis.linear("layer", ""),
        Axis.linear(METRICS.get(metric), ""),
        lines.entrySet().stream()
            .map(line -> new Mark.Line(line.getKey(), line.getValue()))
            .toList());
  }

  /** The paper's Figure 2, where a place has several sparsities or floors. */
  private Optional<Figure> frontier() {
    Map<String, List<DictionaryName>> places =
        names.stream()
            .filter(name -> !name.variant().endsWith("topkgate"))
            .collect(Collectors.groupingBy(Series::place, LinkedHashMap::new, Collectors.toList()));
    List<List<DictionaryName>> shown =
        places.values().stream()
            .filter(at -> at.stream().filter(this::isTrained).count() > 1)
            .sorted((a, b) -> Integer.compare(b.size(), a.size()))
            .limit(MOST_PLACES)
            .toList();
    if (shown.isEmpty()) {
      return Optional.empty();
    }
    List<Panel> panels =
        Stream.of("explained_variance_centred", "delta_loss")
            .flatMap(metric -> shown.stream().map(at -> frontier(at, metric)))
            .toList();
    return Optional.of(
        new Figure(
            "frontier",
            "L0 against fidelity",
            "Each point is a dictionary: further left and higher is better for explained variance,"
                + " further left and lower for delta loss (paper, Figure 2).",
            COMMAND,
            shown.size(),
            panels));
  }

  private Panel frontier(List<DictionaryName> at, String metric) {
    Map<String, List<Mark.Dot>> kinds = new LinkedHashMap<>();
    for (DictionaryName name : at) {
      kinds
          .computeIfAbsent(Series.kind(sources.suite(), name), _ -> new ArrayList<>())
          .add(
              new Mark.Dot(
                  Series.estimate(report, name, "l0"), Series.estimate(report, name, metric), ""));
    }
    return Panel.of(
        Series.place(at.getFirst()),
        Axis.log("L0", ""),
        Axis.linear(METRICS.get(metric), ""),
        kinds.entrySet().stream()
            .map(kind -> new Mark.Points(kind.getKey(), kind.getValue()))
            .toList());
  }

  /** The paper's Figure 11: the inference gate beside the one of training. */
  private Optional<Figure> gates() {
    List<DictionaryName> others =
        names.stream()
            .filter(name -> name.variant().equals("topkgate") && name.site() == Site.R)
            .toList();
    if (others.isEmpty()) {
      return Optional.empty();
    }
    List<Panel> panels = new ArrayList<>();
    for (String metric : BY_LAYER) {
      List<Mark.At> topk = new ArrayList<>();
      List<Mark.At> jumpRelu = new ArrayList<>();
      for (DictionaryName name : others) {
        DictionaryName own = DictionaryName.of(name.layer(), name.site(), name.expansion());
        topk.add(new Mark.At(name.layer(), Series.estimate(report, name, metric)));
        if (names.contains(own)) {
          jumpRelu.add(new Mark.At(name.layer(), Series.estimate(report, own, metric)));
        }
      }
      panels.add(
          Panel.of(
              METRICS.get(metric),
              Axis.linear("layer", ""),
              Axis.linear(METRICS.get(metric), ""),
              List.of(new Mark.Line("TopK", topk), new Mark.Line("JumpReLU", jumpRelu))));
    }
    return Optional.of(
        Figure.of(
            "gates",
            "JumpReLU form against TopK form",
            "Residual dictionaries with the threshold found after training, and with the gate of"
                + " training (paper, Figure 11).",
            COMMAND,
            panels));
  }

  private FigureTable table(String id, String title, List<DictionaryName> of) {
    List<FigureTable.Column> columns = new ArrayList<>();
    columns.add(FigureTable.Column.of("dictionary"));
    METRICS.values().forEach(heading -> columns.add(FigureTable.Column.of(heading)));
    Optional<Report> beside = sources.beside();
    beside.ifPresent(_ -> {
      columns.add(FigureTable.Column.of("explained variance, centred: random model"));
      columns.add(FigureTable.Column.of("loss recovered: random model"));
    });
    List<List<Cell>> rows = new ArrayList<>();
    for (DictionaryName name : of) {
      List<Object> cells = new ArrayList<>();
      cells.add(name.toString());
      METRICS.keySet().forEach(metric -> cells.add(Series.estimate(report, name, metric)));
      beside.ifPresent(other -> {
        boolean there = other.dictionaries().containsKey(name.toString());
        for (String metric : List.of("explained_variance_centred", "loss_recovered")) {
          cells.add(there ? Series.estimate(other, name, metric) : Estimate.NONE);
        }
      });
      rows.add(Cell.row(cells.toArray()));
    }
    return new FigureTable(
        id,
        title,
        beside.isPresent()
            ? "The last columns are the same run on the model with weights drawn anew: what text"
                + " and architecture give without anything learned."
            : "",
        COMMAND,
        columns,
        rows);
  }
}
