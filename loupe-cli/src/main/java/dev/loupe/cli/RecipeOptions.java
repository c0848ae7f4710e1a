package dev.loupe.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.files.Json;
import dev.loupe.train.Recipe;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The recipe, and options that overrule its values. */
final class RecipeOptions {
  @Option(
      names = "--recipe",
      paramLabel = "R",
      description =
          "llama-scope, llama-scope-paper, demo, or a JSON file (default: llama-scope; demo for the"
              + " bundled models)")
  private @Nullable String recipe;

  @Option(names = "--k", paramLabel = "K", description = "features per token")
  private @Nullable Integer k;

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
      description = "any value of the recipe, such as --set beta2=0.9999; repeatable")
  private Map<String, String> values = new LinkedHashMap<>();

  Recipe recipe(String fallback) {
    Recipe base = Recipe.load(recipe == null ? fallback : recipe);
    ObjectNode json = Json.mapper().valueToTree(base);
    overrides().forEach((key, value) -> overrule(json, key, value));
    try {
      return Json.mapper().treeToValue(json, Recipe.class);
    } catch (IOException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IllegalArgumentException("recipe: " + firstLine(cause), e);
    }
  }

  private Map<String, Object> overrides() {
    Map<String, Object> all = new LinkedHashMap<>(values);
    put(all, "k", k);
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

  private static void overrule(ObjectNode json, String key, Object value) {
    if (!json.has(key)) {
      List<String> keys = new ArrayList<>();
      json.fieldNames().forEachRemaining(keys::add);
      throw new IllegalArgumentException(
          "expected a key of the recipe (" + String.join(", ", keys) + "), got '" + key + "'");
    }
    json.set(key, parsed(value));
  }

  /** A number or null as JSON has them, else a text. */
  private static JsonNode parsed(Object value) {
    try {
      return Json.mapper().readTree(String.valueOf(value));
    } catch (IOException e) {
      return Json.mapper().getNodeFactory().textNode(String.valueOf(value));
    }
  }

  private static String firstLine(Throwable e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }
}
