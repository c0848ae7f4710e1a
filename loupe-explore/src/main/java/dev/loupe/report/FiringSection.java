package dev.loupe.report;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.figure.Axis;
import dev.loupe.figure.Block;
import dev.loupe.figure.Estimate;
import dev.loupe.figure.Figure;
import dev.loupe.figure.Mark;
import dev.loupe.figure.Panel;
import dev.loupe.figure.ReferenceLine;
import dev.loupe.figure.Section;
import dev.loupe.store.FeatureStore;
import dev.loupe.store.StoreSummary;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** How often features fire: the paper's Figure 4, and the shares of its section 4.4. */
final class FiringSection {
  private static final String COMMAND = "./loupe analyze SUITE --model M --corpus C --tokens 300k";
  private static final int LOWEST = -7; // decades of the histogram
  private static final int BINS_A_DECADE = 4;
  private static final int MOST_PLACES = 6;

  private final Sources sources;
  private final List<DictionaryName> names;

  private FiringSection(Sources sources) {
    this.sources = sources;
    this.names = sources.analysed();
  }

  static Optional<Section> of(Sources sources) {
    FiringSection section = new FiringSection(sources);
    return section.names.isEmpty()
        ? Optional.empty()
        : Optional.of(new Section("firing", "How often features fire", section.blocks()));
  }

  private List<Block> blocks() {
    return List.of(histograms(), shares());
  }

  /** A panel for each residual place, or for the first of all; a series for each dictionary. */
  private Figure histograms() {
    Map<String, List<DictionaryName>> places = new LinkedHashMap<>();
    names.forEach(
        name -> places.computeIfAbsent(Series.place(name), _ -> new ArrayList<>()).add(name));
    List<String> shown =
        places.keySet().stream().filter(place -> place.endsWith("R")).limit(MOST_PLACES).toList();
    if (shown.isEmpty()) {
      shown = places.keySet().stream().limit(MOST_PLACES).toList();
    }
    return Figure.of(
        "firing-rates",
        "Firing rates",
        "Features by the share of counted tokens on which they fire, in quarters of a decade"
            + " (paper, Figure 4). Features that never fired are not drawn.",
        COMMAND,
        shown.stream()
            .map(place ->
                Panel.of(
                        place,
                        Axis.log("share of tokens", ""),
                        Axis.linear("share of features", "").from(0),
                        places.get(place).stream().map(this::histogram).toList())
                    .with(ReferenceLine.vertical(0.1, "ultra-active")))
            .toList());
  }

  private Mark.Histogram histogram(DictionaryName name) {
    float[] rates;
    try (FeatureStore store = FeatureStore.open(sources.store(name))) {
      rates = store.columns().rate();
    }
    int bins = -LOWEST * BINS_A_DECADE;
    double[] counts = new double[bins];
    for (float rate : rates) {
      if (rate > 0) {
        int bin = (int) Math.floor((Math.log10(rate) - LOWEST) * BINS_A_DECADE);
        counts[Math.clamp(bin, 0, bins - 1)]++;
      }
    }
    return new Mark.Histogram(
        Series.column(name),
        IntStream.rangeClosed(0, bins)
            .mapToObj(edge -> Math.pow(10, LOWEST + (double) edge / BINS_A_DECADE))
            .toList(),
        IntStream.range(0, bins).mapToObj(bin -> counts[bin] / rates.length).toList());
  }

  private Figure shares() {
    return Figure.of(
        "inactive",
        "Inactive and ultra-active features",
        "Features that never fired on the analysed tokens, and those that fire on more than a tenth"
            + " of them; the paper finds a tenth inactive and 2 % ultra-active satisfactory"
            + " (section 4.4).",
        COMMAND,
        List.of(
            panel("never fired", 0.1, summary -> (double) summary.dead() / summary.features()),
            panel("ultra-active", 0.02, summary -> (double) summary.dense() / summary.features())));
  }

  private Panel panel(String title, double bound, ToDoubleFunction<StoreSummary> share) {
    Map<String, List<Mark.At>> lines = new LinkedHashMap<>();
    for (DictionaryName name : names) {
      StoreSummary summary = FeatureStore.summary(sources.store(name));
      lines
          .computeIfAbsent(Series.column(name), _ -> new ArrayList<>())
          .add(new Mark.At(name.layer(), Estimate.of(share.applyAsDouble(summary))));
    }
    return Panel.of(
            title,
            Axis.linear("layer", ""),
            Axis.linear("share of features", "").from(0),
            lines.entrySet().stream()
                .map(line -> new Mark.Line(line.getKey(), line.getValue()))
                .toList())
        .with(ReferenceLine.horizontal(bound, "paper"));
  }
}
