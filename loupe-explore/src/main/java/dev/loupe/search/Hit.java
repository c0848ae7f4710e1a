package dev.loupe.search;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.loupe.dictionary.FeatureName;
import java.util.Locale;

/**
 * A feature that was found.
 *
 * @param field where its first term was found
 * @param text which has it
 * @param start first character of it there, in code points
 * @param end after its last
 * @param score larger is better, within one search
 */
public record Hit(
    FeatureName feature, Field field, String text, int start, int end, double score) {
  /** What of a feature has the words, the most telling first. */
  public enum Field {
    EXPLANATION,
    TAG,
    NOTE,
    /** A token that it fires on. */
    TOKEN,
    /** A token that it makes likely. */
    LOGIT;

    @JsonValue
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
