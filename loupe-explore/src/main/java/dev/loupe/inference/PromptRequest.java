package dev.loupe.inference;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.loupe.dictionary.DictionaryName;
import java.util.List;
import java.util.Locale;

/**
 * What to show of a text.
 *
 * @param dictionaries of the suite; none for all
 * @param by what the strongest features of a token are
 * @param top how many of them
 * @param maxDensity features that fire on a larger share of the tokens are left out
 */
public record PromptRequest(
    String text, List<DictionaryName> dictionaries, Ranking by, int top, double maxDensity) {
  private static final int MOST = 20;

  /** What features are ranked by. */
  public enum Ranking {
    /** Activation, raw units. */
    ACTIVATION,
    /** The share of the feature's own firings that are weaker. */
    QUANTILE,
    /** Size of the direct effect on the next token's logit. */
    EFFECT;

    @JsonValue
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** IllegalArgumentException for anything else. */
    @JsonCreator
    public static Ranking parse(String label) {
      for (Ranking ranking : values()) {
        if (ranking.label().equals(label)) {
          return ranking;
        }
      }
      throw new IllegalArgumentException(
          "expected a ranking by activation, quantile or effect, got '%.40s'".formatted(label));
    }
  }

  public PromptRequest {
    dictionaries = List.copyOf(dictionaries);
    if (top < 1 || top > MOST) {
      throw new IllegalArgumentException("expected top from 1 to %d, got %d".formatted(MOST, top));
    }
    if (!(maxDensity > 0 && maxDensity <= 1)) {
      throw new IllegalArgumentException(
          "expected max_density above 0 and at most 1, got " + maxDensity);
    }
  }
}
