package dev.loupe.interpret;

import java.util.OptionalInt;

/**
 * What a judge says a feature is.
 *
 * @param text a few words
 * @param rubricSameExamples from 1 to 5, how well the explained examples fit each other: of those
 *     examples alone, and so no score of the text
 * @param complexity from 1 (a token) to 5 (an idea)
 */
public record JudgeExplanation(
    String text, OptionalInt rubricSameExamples, OptionalInt complexity) {
  public JudgeExplanation {
    if (text.isBlank()) {
      throw new IllegalArgumentException("expected an explanation, got none");
    }
  }
}
