package dev.loupe.model;

/**
 * How to generate text.
 *
 * @param maxTokens most new tokens
 * @param temperature what the logits are divided by; 0 always takes the likeliest token
 * @param topK how many of the likeliest tokens are candidates; 0 for all
 * @param topP the candidates are the fewest of the likeliest tokens that together have this
 *     probability, after topK; 1 for all
 * @param seed same seed, same text
 */
public record GenerationRequest(
    int maxTokens, double temperature, int topK, double topP, long seed) {
  public GenerationRequest {
    atLeastZero("maxTokens", maxTokens);
    atLeastZero("temperature", temperature);
    atLeastZero("topK", topK);
    if (!(topP > 0 && topP <= 1)) {
      throw new IllegalArgumentException("expected a topP above 0 and at most 1, got " + topP);
    }
  }

  /** The likeliest token each time. */
  public static GenerationRequest greedy(int maxTokens) {
    return new GenerationRequest(maxTokens, 0, 0, 1, 0);
  }

  /** How many of the likeliest tokens take part, before topP. */
  int candidates(int vocabulary) {
    if (temperature == 0) {
      return 1;
    }
    return topK == 0 ? vocabulary : Math.min(topK, vocabulary);
  }

  private static void atLeastZero(String name, double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "expected a finite " + name + " of 0 or more, got " + value);
    }
  }
}
