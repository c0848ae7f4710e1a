package dev.loupe.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.files.Json;
import dev.loupe.train.Recipe;
import dev.loupe.train.Sweep;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The recipe, and options that overrule its values. */
@Heading("Recipe")
final class RecipeOptions {
  @Option(
      names = "--recipe",
      paramLabel = "R",
      description =
          "loupe, llama-scope, llama-scope-paper, demo, or a JSON file (default: loupe; demo for"
              + " the bundled models)")
  private @Nullable String recipe;

  @Option(
      names = "--k",
      split = ",",
      paramLabel = "K",
      description = "features per token; several, such as 10,20,50, train a dictionary with each")
  private @Nullable List<Integer> k;

  @Option(
      names = "--l1",
      split = ",",
      paramLabel = "L",
      description =
          "trains ReLU dictionaries with this weight of the L1 penalty; several train one with"
              + " each, beside the TopK ones of --k if that is given")
  private @Nullable List<Double> l1;

  @Option(names = "--context", paramLabel = "N", description = "positions of a context")
  private @Nullable Integer context;

  @Option(names = "--batch", paramLabel = "N", description = "tokens of a training step")
  private @Nullable Integer batch;

  @Option(names = "--learning-rate", paramLabel = "RATE", description = "peak of the schedule")
  private @Nullable Double learningRate;

  @Option(
      names = "--long-documents",
      paramLabel = "HOW",
      description = "truncate to the context, or split into several")
  private @Nullable String longDocuments;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description =
          "any value of the recipe, such as --set beta2=0.9999; several, such as"
              + " peak_learning_rate=4e-4,8e-4, train a dictionary with each; repeatable")
  private Map<String, String> values = new LinkedHashMap<>();

  /** The recipe, with the values that are the same for all. */
  Recipe recipe(String fallback) {
    ObjectNode changes = Json.mapper().createObjectNode();
    overrides()
        .forEach((key, value) -> {
          List<JsonNode> parsed = parsed(value);
          if (parsed.size() == 1) {
            changes.set(key, parsed.getFirst());
          }
        });
    if (k == null && l1 != null) {
      changes.put("gate", "relu");
    }
    return Recipe.load(recipe == null ? fallback : recipe).with(changes);
  }

  /** The lists among the values. */
  Sweep sweep() {
    Sweep sweep = new Sweep();
    if (k != null && (k.size() > 1 || l1 != null)) {
      sweep.withK(distinct("--k", k));
    }
    if (l1 != null && (l1.size() > 1 || k != null)) {
      sweep.withL1(distinct("--l1", l1));
    }
    values.forEach((key, value) -> {
      List<JsonNode> parsed = parsed(value);
      if (parsed.size() > 1) {
        sweep.with(key, distinct("--set " + key, parsed));
      }
    });
    return sweep;
  }

  private static <T> List<T> distinct(String option, List<T> values) {
    if (values.stream().distinct().count() < values.size()) {
      throw new IllegalArgumentException(
          "expected each value of %s once, got %s".formatted(option, values));
    }
    return values;
  }

  private Map<String, Object> overrides() {
    Map<String, Object> all = new LinkedHashMap<>(values);
    put(all, "k", k != null && k.size() == 1 ? k.getFirst() : null);
    put(all, "l1_coefficient", l1 != null && l1.size() == 1 ? l1.getFirst() : null);
    put(all, "context", context);
    put(all, "batch", batch);
    put(all, "peak_learning_rate", learningRate);
    put(all, "long_documents", longDocuments);
    return all;
  }

  private static void put(Map<String, Object> all, String key, @Nullable Object value) {
    if (value != null) {
      all.put(key, value);
    }
  }

  /** What stands between commas: numbers, words and null as JSON has them, else texts. */
  private static List<JsonNode> parsed(Object value) {
    return Arrays.stream(String.valueOf(value).split(",", -1)).map(RecipeOptions::json).toList();
  }

  private static JsonNode json(String text) {
    try {
      return Json.mapper().readTree(text);
    } catch (IOException e) {
      return Json.mapper().getNodeFactory().textNode(text);
    }
  }
}
