package dev.loupe.geometry;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.FeatureName;
import dev.loupe.text.Tokenizer;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Labels of features from the tokens of a pass: rates and strongest tokens need no feature store.
 * Read by several threads; borrows everything.
 *
 * @param ids of the tokens of the pass
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier; never compared
record PassLabels(FeatureLabels notes, Tokenizer tokenizer, int[] ids) {
  private static final int TOKENS = 5;

  FeatureLabel of(DictionaryName dictionary, FiringLists lists, int feature) {
    FeatureName name = new FeatureName(dictionary, feature);
    return new FeatureLabel(
        name,
        OptionalDouble.of(Distribution.rounded(lists.rate(feature))),
        tokens(lists, feature),
        notes.explanation(name));
  }

  /** Tokens with the largest sums of the feature's activation; of equals the lower id. */
  private List<String> tokens(FiringLists lists, int feature) {
    Map<Integer, Double> sums = new HashMap<>();
    for (int i = lists.starts()[feature]; i < lists.starts()[feature + 1]; i++) {
      sums.merge(ids[lists.tokens()[i]], (double) lists.values()[i], Double::sum);
    }
    return sums.entrySet().stream()
        .sorted(
            Comparator.comparingDouble((Map.Entry<Integer, Double> each) -> -each.getValue())
                .thenComparingInt(Map.Entry::getKey))
        .limit(TOKENS)
        .map(each -> tokenizer.piece(each.getKey()))
        .toList();
  }
}
