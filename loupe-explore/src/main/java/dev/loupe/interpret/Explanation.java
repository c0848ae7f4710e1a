package dev.loupe.interpret;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.files.Checksums;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * What a feature is said to be, by a method. A plain value.
 *
 * @param feature its number in the dictionary
 * @param method of {@code [a-z0-9_-]}: rules, category, tokens, paper, highlights, logits, or where
 *     it was imported from
 * @param author who or what made it: {@code loupe}, or the name of a language model
 * @param text the words, for people
 * @param basis SHA-256 or the like of all that it was made from: what has the same basis is not
 *     made again
 * @param prompts keys of the questions and answers that it was made with, see {@code judge}
 * @param rules for a machine, where the words are rules, see {@link Rule#parse}
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Explanation(
    int feature,
    String method,
    String author,
    String text,
    String basis,
    List<String> prompts,
    Optional<String> rules) {
  /** Longest text, in characters. */
  public static final int MAX_TEXT = 4_000;

  public Explanation {
    prompts = List.copyOf(prompts);
    if (feature < 0) {
      throw new IllegalArgumentException("expected a feature from 0, got " + feature);
    }
    if (!method.matches("[a-z0-9_-]{1,60}")) {
      throw new IllegalArgumentException(
          "expected a method of 1 to 60 of a-z, 0-9, _ and -, got '%.80s'".formatted(method));
    }
    if (text.isBlank() || text.length() > MAX_TEXT) {
      throw new IllegalArgumentException(
          "expected an explanation of 1 to %,d characters, got %,d"
              .formatted(MAX_TEXT, text.length()));
    }
  }

  /** Names it: the same explanation has the same id, another has another. */
  public String id() {
    String named = String.join("\n", String.valueOf(feature), method, author, basis, text);
    return Checksums.sha256(named.getBytes(StandardCharsets.UTF_8)).substring(0, 16);
  }
}
