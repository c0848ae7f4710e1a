package dev.loupe.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.files.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The recipes of a run: one, and what the variants of a sweep change of it. All dictionaries of a
 * run learn from the same batches, so that a variant may change neither these nor the tokens after
 * training. A plain value.
 */
public final class Recipes {
  /** A variant's seed stands among its changes, though it is none of the recipe's values. */
  static final String SEED = "seed";

  private static final Set<String> OF_THE_RUN =
      Set.of(
          "name",
          "about",
          "batch",
          "context",
          "long_documents",
          "norm_tokens",
          "buffer_tokens",
          "calibration_tokens");

  private final Recipe shared;
  private final SortedMap<String, ObjectNode> changes;
  private final Map<String, Recipe> variants = new HashMap<>();

  private Recipes(Recipe shared, Map<String, ObjectNode> changes) {
    this.shared = shared;
    this.changes = new TreeMap<>(changes);
    changes.forEach((variant, values) -> {
      ObjectNode recipe = values.deepCopy();
      recipe.remove(SEED);
      recipe
          .fieldNames()
          .forEachRemaining(key -> {
            if (OF_THE_RUN.contains(key)) {
              throw new IllegalArgumentException(
                  "expected one value of %s, which all dictionaries of a run share, got several"
                      .formatted(key));
            }
          });
      variants.put(variant, shared.with(recipe));
    });
  }

  /** One recipe for all. */
  public static Recipes of(Recipe shared) {
    return new Recipes(shared, Map.of());
  }

  /**
   * A recipe, and variants of it.
   *
   * @param changes of each variant, by its name as dictionaries have it: values of the recipe, and
   *     perhaps a {@code seed}
   */
  static Recipes of(Recipe shared, Map<String, ObjectNode> changes) {
    return new Recipes(shared, changes);
  }

  /** What all have in common, batches among it. */
  public Recipe shared() {
    return shared;
  }

  /** How a dictionary is trained. */
  Recipe of(DictionaryName name) {
    return variants.getOrDefault(name.variant(), shared);
  }

  /**
   * The seed of a dictionary's first weights.
   *
   * @param ofRun what the others have, and the order of tokens
   */
  long seed(DictionaryName name, long ofRun) {
    ObjectNode values = changes.get(name.variant());
    return values == null ? ofRun : values.path(SEED).asLong(ofRun);
  }

  /** As {@code suite.json} has them, equal to what is read from there. */
  JsonNode json() {
    ObjectNode json = Json.mapper().valueToTree(shared);
    if (!changes.isEmpty()) {
      ObjectNode all = json.putObject("variants");
      changes.forEach(all::set);
    }
    try {
      return Json.mapper().readTree(json.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
