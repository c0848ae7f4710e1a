package dev.loupe.cli;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.FeatureName;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Features as a user chooses them: {@code all}, how many of each dictionary, or by name.
 *
 * @param most of each dictionary, where none is named
 * @param named none for so many of each
 */
record ChosenFeatures(int most, List<FeatureName> named) {
  ChosenFeatures {
    named = List.copyOf(named);
  }

  static ChosenFeatures parse(String text) {
    if (text.equals("all")) {
      return new ChosenFeatures(Integer.MAX_VALUE, List.of());
    }
    if (text.contains("/")) {
      return new ChosenFeatures(
          1, Arrays.stream(text.split(",", -1)).map(FeatureName::parse).toList());
    }
    long most = Quantity.parse(text).value();
    if (most < 1 || most > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("expected at least one feature, got " + text);
    }
    return new ChosenFeatures((int) most, List.of());
  }

  /** Dictionaries of those that are named. */
  List<DictionaryName> names() {
    return named.stream().map(FeatureName::dictionary).distinct().toList();
  }

  /** Those named of a dictionary; empty where none is named at all. */
  Optional<List<Integer>> of(DictionaryName name) {
    return named.isEmpty()
        ? Optional.empty()
        : Optional.of(
            named.stream()
                .filter(f -> f.dictionary().equals(name))
                .map(FeatureName::feature)
                .distinct()
                .sorted()
                .toList());
  }
}
