package dev.loupe.cli;

import dev.loupe.dictionary.FeatureName;
import dev.loupe.interpret.FeatureExplanations;
import dev.loupe.store.FeatureRow;
import dev.loupe.store.FeatureStore;
import dev.loupe.store.HistogramRow;
import dev.loupe.store.LogitsRow;
import dev.loupe.store.NeighboursRow;
import dev.loupe.store.SampleKind;
import dev.loupe.store.SampleText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A feature as a person would want it in a terminal. */
record FeatureText(
    FeatureStore store,
    FeatureName name,
    FeatureExplanations said,
    int samples,
    int before,
    int after) {
  private static final String BLOCKS = " ▁▂▃▄▅▆▇█";
  private static final int TOKENS = 10;
  private static final double WORTH_TELLING = 0.25; // F1 that no feature has by chance
  private static final int NEIGHBOURS = 6;

  String of(boolean coloured) {
    FeatureRow row = store.feature(name.feature());
    List<String> lines = new ArrayList<>();
    lines.add(Colours.bold(name.toString(), coloured) + flags(row));
    said.best().ifPresent(best -> lines.add(explanation(best)));
    lines.add(rates(row));
    row.category()
        .filter(category -> category.f1().low() > WORTH_TELLING)
        .ifPresent(category -> lines.add(category(category)));
    if (!row.dead()) {
      lines.add("");
      lines.addAll(histogram(row, store.histogram(name.feature()), coloured));
      lines.add("");
      lines.add(tokens(row));
    }
    lines.addAll(logits(store.logits(name.feature())));
    lines.add("");
    store.neighbours(name.feature()).stream()
        .filter(neighbours -> neighbours.neighbours().length > 0)
        .map(neighbours -> neighbours(neighbours, coloured))
        .forEach(lines::add);
    if (samples > 0) {
      lines.addAll(samples(row, coloured));
    }
    return String.join("\n", lines);
  }

  private static String explanation(FeatureExplanations.Explained best) {
    String score =
        best.telling()
            .filter(s -> s.measured().known())
            .map(s -> ", %s %.2f".formatted(s.scorer(), s.measured().value()))
            .orElse("");
    return "%s (%s%s)".formatted(best.explanation().text(), best.explanation().method(), score);
  }

  private static String flags(FeatureRow row) {
    String text = "";
    text += row.dead() ? "  never fired" : "";
    text += row.dense() ? "  dense" : "";
    text += row.singleToken() ? "  one token" : "";
    return text;
  }

  private String rates(FeatureRow row) {
    return "fires on %,d of %,d tokens (%.3f %%, %.3f to %.3f), in %,d contexts; maximum %.2f, mean %.2f ± %.2f; the token alone explains %s"
        .formatted(
            row.firings(),
            store.summary().tokens(),
            100 * row.rate().value(),
            100 * row.rate().low(),
            100 * row.rate().high(),
            row.contexts(),
            row.maximum(),
            row.mean(),
            row.deviation(),
            Float.isNaN(row.tokenShare())
                ? "an unknown share"
                : "%.0f %%".formatted(100 * Math.max(0, row.tokenShare())));
  }

  private static String category(FeatureRow.Category category) {
    return "category: documents whose maximum is %s %.2f are %s, F1 %.2f (%.2f to %.2f) on held-out ones"
        .formatted(
            category.sign() > 0 ? "above" : "not above",
            category.threshold(),
            category.name(),
            category.f1().value(),
            category.f1().low(),
            category.f1().high());
  }

  /** Firings by activation, one column for each bin, from the weakest to the strongest. */
  private static List<String> histogram(FeatureRow row, HistogramRow histogram, boolean coloured) {
    int[] counts = histogram.logCounts();
    int first = 0;
    while (counts[first] == 0) {
      first++;
    }
    int most = Arrays.stream(counts).max().orElse(1);
    StringBuilder bars = new StringBuilder();
    for (int bin = first; bin < counts.length; bin++) {
      int level = (int) Math.ceil((BLOCKS.length() - 1.0) * counts[bin] / most);
      bars.append(BLOCKS.charAt(level));
    }
    String edges =
        "%.2f .. %.2f on a logarithmic axis; half of the firings are between %.2f and %.2f"
            .formatted(
                histogram.logEdges()[first], row.maximum(), row.quantiles()[3], row.quantiles()[5]);
    return List.of("activations  " + bars, Colours.dim("             " + edges, coloured));
  }

  private static String tokens(FeatureRow row) {
    FeatureRow.TopTokens tokens = row.tokens();
    return "fires on     "
        + String.join(
            "  ",
            IntStream.range(0, Math.min(TOKENS, tokens.ids().length))
                .mapToObj(i ->
                    "%s %.0f %%"
                        .formatted(SampleLine.quoted(tokens.texts()[i]), 100 * tokens.shares()[i]))
                .toList());
  }

  private static List<String> logits(LogitsRow row) {
    return List.of("makes likely " + logits(row.top()), "unlikely     " + logits(row.bottom()));
  }

  private static String logits(LogitsRow.Tokens tokens) {
    return String.join(
        "  ",
        IntStream.range(0, Math.min(TOKENS, tokens.ids().length))
            .mapToObj(
                i -> "%s %+.1fσ".formatted(SampleLine.quoted(tokens.texts()[i]), tokens.z()[i]))
            .toList());
  }

  private String neighbours(NeighboursRow row, boolean coloured) {
    boolean together = row.relation().equals(NeighboursRow.COACTIVATION);
    float[] values = together ? row.phi() : row.cosines();
    String label =
        together
            ? "fires with"
            : row.relation()
                + (row.dictionary().equals(name.dictionary().toString())
                    ? ""
                    : " " + row.dictionary());
    String list =
        String.join(
            "  ",
            IntStream.range(0, Math.min(NEIGHBOURS, values.length))
                .mapToObj(i ->
                    "%d %s"
                        .formatted(
                            row.neighbours()[i],
                            Colours.dim("%.2f".formatted(values[i]), coloured)))
                .toList());
    return "%-16s %s%s".formatted(label, list, together ? Colours.dim("  (phi)", coloured) : "");
  }

  private List<String> samples(FeatureRow row, boolean coloured) {
    Map<String, List<SampleText>> groups = new LinkedHashMap<>();
    for (SampleText text : strongestBandsFirst(store.texts(name.feature()))) {
      groups.computeIfAbsent(title(row, text), _ -> new ArrayList<>()).add(text);
    }
    SampleLine line = coloured ? SampleLine.coloured() : SampleLine.plain();
    List<String> lines = new ArrayList<>();
    groups.forEach((title, texts) -> {
      lines.add("");
      lines.add(Colours.bold(title, coloured));
      texts.stream()
          .limit(samples)
          .forEach(text -> {
            int more = text.sample().duplicates();
            String value = "%7.2f".formatted(text.sample().activation());
            lines.add(
                Colours.dim(value, coloured)
                    + "  "
                    + line.of(text.around(before, after), Math.max(row.maximum(), Float.MIN_NORMAL))
                    + (more > 0 ? Colours.dim("  and %d alike".formatted(more), coloured) : ""));
          });
    });
    return lines;
  }

  private static List<SampleText> strongestBandsFirst(List<SampleText> texts) {
    return texts.stream()
        .sorted(
            Comparator.comparing((SampleText text) -> text.sample().kind())
                .thenComparingInt(text -> -text.sample().band()))
        .toList();
  }

  private static String title(FeatureRow row, SampleText text) {
    SampleKind kind = text.sample().kind();
    return switch (kind) {
      case TOP -> "Strongest";
      case BAND ->
          "%.2f to %.2f, %,d windows"
              .formatted(
                  row.bandEdges()[text.sample().band()],
                  row.bandEdges()[text.sample().band() + 1],
                  row.bandWindows()[text.sample().band()]);
      case RANDOM -> "Anywhere";
      case NEAR_MISS -> "Near misses: windows below 30 % of the maximum";
      case NEIGHBOUR -> "The nearest feature by decoder fires (its activation), this one does not";
    };
  }
}
