package dev.loupe.inference;

import dev.loupe.activation.Activations;
import dev.loupe.activation.Capturing;
import dev.loupe.dictionary.Codes;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.FeatureName;
import dev.loupe.kernel.CodeRows;
import dev.loupe.model.Hook;
import dev.loupe.text.TextTokens;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What chosen features do on a text of one's own. */
public final class OwnText {
  private OwnText() {}

  /**
   * Activations of features on every token of a text. The model runs as far as the deepest of their
   * layers.
   *
   * @param mostTokens that the text may have, with the begin id
   */
  public static PromptEvent.FeatureActivations activations(
      SuiteModel model, String text, List<FeatureName> features, int mostTokens) {
    TextTokens tokens = TextTokens.of(model.tokenizer(), text, mostTokens);
    Map<DictionaryName, List<FeatureName>> byDictionary =
        features.stream().collect(Collectors.groupingBy(FeatureName::dictionary));
    Map<DictionaryName, Hook> hooks = new HashMap<>();
    byDictionary.forEach((name, wanted) -> {
      Dictionary dictionary = model.dictionary(name);
      wanted.forEach(feature -> check(dictionary, feature));
      hooks.put(name, dictionary.contract().hookIn());
    });
    Map<FeatureName, float[]> found = new HashMap<>();
    try (Activations activations =
        Capturing.activations(model.llama(), tokens.batch(), Set.copyOf(hooks.values()))) {
      byDictionary.forEach((name, wanted) -> {
        try (Codes codes = model.dictionary(name).encode(activations.at(hooks.get(name)))) {
          found.putAll(pick(codes.rows(), activations.positions(), tokens.length(), wanted));
        }
      });
    }
    return new PromptEvent.FeatureActivations(
        tokens.texts(),
        tokens.counted(),
        features.stream()
            .map(feature -> new PromptEvent.Activations(feature, found.get(feature)))
            .toList());
  }

  static void check(Dictionary dictionary, FeatureName feature) {
    if (feature.feature() >= dictionary.features()) {
      throw new IllegalArgumentException(
          "expected a feature of %s from 0 to %d, got %d"
              .formatted(feature.dictionary(), dictionary.features() - 1, feature.feature()));
    }
  }

  /** Chosen features of codes, each by position. */
  private static Map<FeatureName, float[]> pick(
      CodeRows codes, int[] positions, int length, List<FeatureName> wanted) {
    Map<FeatureName, float[]> found = new HashMap<>();
    for (FeatureName name : wanted) {
      float[] values = new float[length];
      for (int token = 0; token < positions.length; token++) {
        values[positions[token]] = value(codes, token, name.feature());
      }
      found.put(name, values);
    }
    return found;
  }

  /** A feature's value on a token, 0 where it does not fire. */
  static float value(CodeRows codes, int token, int feature) {
    int place =
        Arrays.binarySearch(
            codes.features(), codes.starts()[token], codes.starts()[token + 1], feature);
    return place < 0 ? 0 : codes.values()[place];
  }
}
