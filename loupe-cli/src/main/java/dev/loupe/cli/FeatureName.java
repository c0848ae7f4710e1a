package dev.loupe.cli;

import dev.loupe.dictionary.DictionaryName;

/** A feature as people write it: {@code L2R-8x/417}. */
record FeatureName(DictionaryName dictionary, int feature) {
  static FeatureName parse(String text) {
    int slash = text.lastIndexOf('/');
    if (slash < 0 || !text.substring(slash + 1).matches("\\d{1,9}")) {
      throw new IllegalArgumentException(
          "expected a feature such as L2R-8x/417, got '" + text + "'");
    }
    return new FeatureName(
        DictionaryName.parse(text.substring(0, slash)),
        Integer.parseInt(text.substring(slash + 1)));
  }

  @Override
  public String toString() {
    return dictionary + "/" + feature;
  }
}
