package dev.loupe.judge;

import dev.loupe.dictionary.FeatureName;
import java.nio.charset.StandardCharsets;

/**
 * What a judge is asked.
 *
 * @param system who the judge is and what it shall do, with the form of the answer in words
 * @param user what it is about
 * @param maxTokens the longest answer, in the judge's tokens
 * @param temperature 0 for the likeliest answer, up to 2
 * @param stage which part of the work asks, of {@code [a-z-]}, for the ledger alone
 * @param feature which feature it is about, for the ledger alone
 */
public record Question(
    String system,
    String user,
    AnswerShape shape,
    int maxTokens,
    double temperature,
    String stage,
    FeatureName feature) {
  /** What a chat's own marks take at most. */
  private static final int FRAME_TOKENS = 64;

  public Question {
    if (user.isBlank()) {
      throw new IllegalArgumentException("expected a question, got no text");
    }
    if (maxTokens < 1) {
      throw new IllegalArgumentException(
          "expected at least 1 token for an answer, got " + maxTokens);
    }
    if (!(temperature >= 0 && temperature <= 2)) {
      throw new IllegalArgumentException("expected a temperature of 0 to 2, got " + temperature);
    }
    if (!stage.matches("[a-z-]{1,40}")) {
      throw new IllegalArgumentException("expected a stage of a-z and -, got '" + stage + "'");
    }
  }

  /** How many characters the judge reads. */
  int characters() {
    return system.length() + user.length() + shape.schema().length();
  }

  /** More tokens than any tokenizer makes of it: none has a token for less than a byte. */
  long mostPromptTokens() {
    return bytes(system) + bytes(user) + bytes(shape.schema()) + FRAME_TOKENS;
  }

  private static long bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
