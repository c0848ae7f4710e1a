package dev.loupe.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Site;
import dev.loupe.figure.Axis;
import dev.loupe.figure.Block;
import dev.loupe.figure.Estimate;
import dev.loupe.figure.Figure;
import dev.loupe.figure.Mark;
import dev.loupe.figure.Panel;
import dev.loupe.figure.Section;
import dev.loupe.files.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** What training did over time: loss, explained variance, dead features; the paper's Figure 12. */
final class TrainingSection {
  private static final int MOST_LINES = 8;
  private static final String COMMAND = "./loupe train --out SUITE --model M --corpus C --tokens N";

  private final Sources sources;

  private TrainingSection(Sources sources) {
    this.sources = sources;
  }

  static Optional<Section> of(Sources sources) {
    return new TrainingSection(sources).section();
  }

  private Optional<Section> section() {
    Map<DictionaryName, List<JsonNode>> logs = new LinkedHashMap<>();
    for (DictionaryName name : sources.suite().names()) {
      List<JsonNode> lines = lines(sources.suite().folder(name).resolve("training.jsonl"));
      if (!lines.isEmpty()) {
        logs.put(name, lines);
      }
    }
    if (logs.isEmpty()) {
      return Optional.empty();
    }
    List<Block> blocks = new ArrayList<>();
    blocks.add(
        curves(
            "training-curves",
            "Training",
            "Loss, explained variance of the batch, and features that have not fired for 100,000"
                + " tokens.",
            COMMAND,
            chosen(logs)));
    blocks.add(deadFeatures(logs));
    annealing(logs).ifPresent(blocks::add);
    return Optional.of(new Section("training", "Training", blocks));
  }

  private static List<JsonNode> lines(Path file) {
    if (!Files.isRegularFile(file)) {
      return List.of();
    }
    List<JsonNode> lines = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(file)) {
        lines.add(Json.mapper().readTree(line));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
    return lines;
  }

  /** Evenly spread ones: more lines would hide each other. */
  private static Map<String, List<JsonNode>> chosen(Map<DictionaryName, List<JsonNode>> logs) {
    List<DictionaryName> names = List.copyOf(logs.keySet());
    int step = Math.max(1, Math.ceilDiv(names.size(), MOST_LINES));
    Map<String, List<JsonNode>> chosen = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i += step) {
      chosen.put(names.get(i).toString(), logs.get(names.get(i)));
    }
    return chosen;
  }

  /**
   * Features that do not fire, over training: a panel a site, a line for each of its dictionaries,
   * the first of them where they are many.
   */
  private Figure deadFeatures(Map<DictionaryName, List<JsonNode>> logs) {
    Map<Site, Map<String, List<JsonNode>>> sites = new TreeMap<>();
    logs.forEach((name, lines) -> {
      Map<String, List<JsonNode>> own =
          sites.computeIfAbsent(name.site(), _ -> new LinkedHashMap<>());
      if (own.size() < MOST_LINES) {
        own.put(name.toString().replaceFirst("(?<=^L\\d{1,3})[A-Z]+", ""), lines);
      }
    });
    return Figure.of(
        "dead-features",
        "Features that stop firing",
        "Features that have not fired for 100,000 tokens, or since the start where there were"
            + " fewer, as a dictionary trains.",
        COMMAND,
        sites.entrySet().stream()
            .map(site -> dead(String.valueOf(site.getKey()), site.getValue()))
            .toList());
  }

  private static Panel dead(String title, Map<String, List<JsonNode>> logs) {
    return panel(
        title,
        Axis.linear("features", "").from(0),
        logs,
        line -> line.path("dead_features").asDouble());
  }

  /** Dictionaries that differ in how K anneals alone, beside each other. */
  private Optional<Figure> annealing(Map<DictionaryName, List<JsonNode>> logs) {
    Map<String, List<DictionaryName>> alike =
        logs.keySet().stream()
            .filter(name -> sources.suite().recipe(name).path("gate").asText().equals("topk"))
            .collect(
                Collectors.groupingBy(
                    TrainingSection::exceptAnnealing, LinkedHashMap::new, Collectors.toList()));
    Map<String, List<JsonNode>> shown = new LinkedHashMap<>();
    alike.forEach((what, names) -> {
      if (names.stream().map(this::annealShare).distinct().count() > 1) {
        names.forEach(name -> shown.put(what + annealed(annealShare(name)), logs.get(name)));
      }
    });
    return shown.isEmpty()
        ? Optional.empty()
        : Optional.of(
            curves(
                "annealing",
                "With and without K annealing",
                "The same dictionary with K falling from half of D at the start of training, and"
                    + " with the final K from the first step on (paper, Figure 12).",
                COMMAND + " --set k_anneal_share=0,0.1",
                shown));
  }

  private double annealShare(DictionaryName name) {
    return sources.suite().recipe(name).path("k_anneal_share").asDouble();
  }

  private static String annealed(double share) {
    return share == 0
        ? ", K from the start"
        : ", K falls over %d %%".formatted(Math.round(100 * share));
  }

  private static String exceptAnnealing(DictionaryName name) {
    return name.toString()
        .replaceFirst("kannealshare\\d+(\\.\\d+)?\\.?", "")
        .replaceFirst("[-.]$", "");
  }

  private static Figure curves(
      String id, String title, String caption, String command, Map<String, List<JsonNode>> logs) {
    return Figure.of(
        id,
        title,
        caption,
        command,
        List.of(
            panel("loss", Axis.log("loss", ""), logs, line -> line.path("loss").asDouble()),
            panel(
                "explained variance",
                Axis.linear("explained variance", ""),
                logs,
                line -> line.path("explained_variance_legacy").asDouble()),
            dead("dead features", logs)));
  }

  private static Panel panel(
      String title, Axis y, Map<String, List<JsonNode>> logs, ToDoubleFunction<JsonNode> value) {
    return Panel.of(
        title,
        Axis.linear("tokens", ""),
        y,
        logs.entrySet().stream()
            .map(log ->
                new Mark.Line(
                    log.getKey(),
                    log.getValue().stream()
                        .map(line ->
                            new Mark.At(
                                line.path("tokens").asDouble(),
                                Estimate.of(value.applyAsDouble(line))))
                        .toList()))
            .toList());
  }
}
