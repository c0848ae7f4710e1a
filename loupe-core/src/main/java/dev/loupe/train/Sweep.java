package dev.loupe.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.dictionary.DictionaryName;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Lists of values that are all trained on one pass: each combination is a variant, named by what it
 * has, as {@code L2R-8x-k20.s1}. TopK dictionaries of several K and ReLU ones of several λ stand
 * beside each other; all else multiplies.
 */
public final class Sweep {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final Map<String, String> SHORT =
      Map.of("k", "k", "l1_coefficient", "relu", Recipes.SEED, "s", "peak_learning_rate", "lr");
  private static final int MOST = 1_000;

  private final List<Choice> gates = new ArrayList<>();
  private final List<List<Choice>> others = new ArrayList<>();

  /** A value, and how a variant that has it is called. */
  private record Choice(String suffix, ObjectNode values) {
    Choice and(Choice other) {
      ObjectNode both = values.deepCopy();
      both.setAll(other.values);
      boolean either = suffix.isEmpty() || other.suffix.isEmpty();
      return new Choice(suffix + (either ? "" : ".") + other.suffix, both);
    }
  }

  /** TopK dictionaries of several K. */
  public Sweep withK(List<Integer> values) {
    for (int k : values) {
      ObjectNode changes = JSON.objectNode().put("gate", "topk").put("k", k);
      gates.add(new Choice("k" + k, changes));
    }
    return this;
  }

  /** ReLU dictionaries of several λ. */
  public Sweep withL1(List<Double> values) {
    for (double l1 : values) {
      ObjectNode changes = JSON.objectNode().put("gate", "relu").put("l1_coefficient", l1);
      gates.add(new Choice("relu" + plain(JSON.numberNode(l1)), changes));
    }
    return this;
  }

  /** First weights of several seeds. */
  public Sweep withSeeds(List<Long> values) {
    return with(Recipes.SEED, values.stream().<JsonNode>map(JSON::numberNode).toList());
  }

  /**
   * Several values of a key of the recipe.
   *
   * @param key as the recipe has it
   */
  public Sweep with(String key, List<JsonNode> values) {
    String name = SHORT.getOrDefault(key, key.replaceAll("[^a-z0-9]", ""));
    others.add(
        values.stream()
            .map(value -> {
              ObjectNode changes = JSON.objectNode();
              changes.set(key, value);
              return new Choice(name + plain(value), changes);
            })
            .toList());
    return this;
  }

  /** A number without an exponent, a word as names may have it. */
  private static String plain(JsonNode value) {
    return value.isNumber()
        ? new BigDecimal(value.asText()).stripTrailingZeros().toPlainString().replace("-", "m")
        : value.asText().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9.]", "");
  }

  private boolean isEmpty() {
    return gates.isEmpty() && others.isEmpty();
  }

  private List<Choice> choices() {
    List<Choice> all =
        gates.isEmpty() ? List.of(new Choice("", JSON.objectNode())) : List.copyOf(gates);
    for (List<Choice> more : others) {
      all = all.stream().flatMap(one -> more.stream().map(one::and)).toList();
      if (all.size() > MOST) {
        throw new IllegalArgumentException(
            "expected a sweep of at most %,d variants, got more".formatted(MOST));
      }
    }
    return all;
  }

  /** The recipe, and what each variant has. */
  public Recipes recipes(Recipe shared) {
    Map<String, ObjectNode> changes = new LinkedHashMap<>();
    if (!isEmpty()) {
      choices().forEach(choice -> changes.put(choice.suffix, choice.values));
    }
    return Recipes.of(shared, changes);
  }

  /** Each dictionary in each variant. */
  public List<DictionaryName> names(List<DictionaryName> names) {
    if (isEmpty()) {
      return names;
    }
    return names.stream()
        .flatMap(name -> choices().stream().map(choice -> variant(name, choice.suffix)))
        .toList();
  }

  private static DictionaryName variant(DictionaryName name, String suffix) {
    if (!name.variant().isEmpty()) {
      throw new IllegalArgumentException(
          "expected dictionaries without a suffix in a sweep, which gives them one, got " + name);
    }
    return new DictionaryName(name.layer(), name.site(), name.expansion(), suffix);
  }
}
