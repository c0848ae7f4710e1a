package dev.loupe.judge;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.math.BigDecimal;
import java.util.List;

/**
 * What asking about features will cost, from the real questions about a sample of them. An answer
 * that is in the cache costs nothing; the estimate does not know.
 *
 * @param features how many
 * @param calls how many questions
 * @param promptTokens likely, for all
 * @param completionTokens likely, for all
 * @param likely price
 * @param most price, were every answer as long as it may be
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record CostEstimate(
    long features,
    long calls,
    long promptTokens,
    long completionTokens,
    BigDecimal likely,
    BigDecimal most) {
  /**
   * Estimates.
   *
   * @param sample the questions about each sampled feature
   * @throws IllegalArgumentException if no feature was sampled
   */
  public static CostEstimate of(
      List<List<Question>> sample, long features, TokenEstimate tokens, Price price) {
    if (sample.isEmpty()) {
      throw new IllegalArgumentException("expected questions about some features, got none");
    }
    double scale = (double) features / sample.size();
    List<Question> questions = sample.stream().flatMap(List::stream).toList();
    long prompt = scaled(scale, questions.stream().mapToLong(tokens::prompt).sum());
    long completion = scaled(scale, questions.stream().mapToLong(tokens::completion).sum());
    long longest = scaled(scale, questions.stream().mapToLong(Question::maxTokens).sum());
    return new CostEstimate(
        features,
        scaled(scale, questions.size()),
        prompt,
        completion,
        price.of(prompt, completion),
        price.of(prompt, longest));
  }

  private static long scaled(double scale, long sum) {
    return Math.round(scale * sum);
  }
}
