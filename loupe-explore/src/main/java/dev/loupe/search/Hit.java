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
public record Hit(FeatureName feature, Field field, String text, int start, int end, double score) {
  /** What of a feature has the words, the most telling first. */
  public enum Field {
    EXPLANATION(5),
    TAG(4),
    NOTE(3),
    /** A token that it fires on. */
    TOKEN(2),
    /** A token that it makes likely. */
    LOGIT(1),
    /** Both kinds of tokens, by what they mean together; no place in them. */
    WORDS(0);

    private final int weight;

    Field(int weight) {
      this.weight = weight;
    }

    /** How much a match there counts. */
    int weight() {
      return weight;
    }

    @JsonValue
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
