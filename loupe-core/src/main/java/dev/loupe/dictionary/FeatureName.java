package dev.loupe.dictionary;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * A feature as people write it: {@code L2R-8x/417}.
 *
 * @param feature its number, from 0
 */
public record FeatureName(DictionaryName dictionary, int feature) {
  /** IllegalArgumentException for anything else. */
  @JsonCreator
  public static FeatureName parse(String text) {
    int slash = text.lastIndexOf('/');
    if (slash < 0 || !text.substring(slash + 1).matches("\\d{1,9}")) {
      throw new IllegalArgumentException(
          "expected a feature such as L2R-8x/417, got '" + text + "'");
    }
    return new FeatureName(
        DictionaryName.parse(text.substring(0, slash)),
        Integer.parseInt(text.substring(slash + 1)));
  }

  @JsonValue
  @Override
  public String toString() {
    return dictionary + "/" + feature;
  }
}
