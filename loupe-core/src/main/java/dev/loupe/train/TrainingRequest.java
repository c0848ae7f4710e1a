package dev.loupe.train;

import dev.loupe.dictionary.DictionaryName;
import java.util.List;

/**
 * What to train and for how long.
 *
 * @param recipes everything about how
 * @param names which dictionaries, in this order
 * @param tokens to train on, counted ones
 * @param seed of everything random
 * @param bufferTokens of the shuffle buffer
 */
public record TrainingRequest(
    Recipes recipes, List<DictionaryName> names, long tokens, long seed, int bufferTokens) {
  /** Tokens after training on which the contract's expected values are measured. */
  static final int EXPECTED_TOKENS = 16_384;

  public TrainingRequest {
    names = List.copyOf(names);
    if (names.isEmpty()) {
      throw new IllegalArgumentException("expected at least one dictionary to train, got none");
    }
    if (names.stream().distinct().count() < names.size()) {
      throw new IllegalArgumentException("expected each dictionary once, got " + names);
    }
    int batch = recipes.shared().batch();
    if (tokens < batch) {
      throw new IllegalArgumentException(
          "expected at least one batch of %d tokens, got %d".formatted(batch, tokens));
    }
  }

  TrainingRequest with(List<DictionaryName> others) {
    return new TrainingRequest(recipes, others, tokens, seed, bufferTokens);
  }

  /** What all dictionaries have in common. */
  public Recipe recipe() {
    return recipes.shared();
  }

  public long steps() {
    return tokens / recipe().batch();
  }

  /** Counted tokens that the corpus must give: training, calibration and expected values. */
  public static long tokensNeeded(Recipe recipe, long tokens) {
    return tokens + recipe.calibrationTokens() + EXPECTED_TOKENS;
  }

  /**
   * Tokens of the shuffle buffer that a number of bytes allows: a power of two, or the recipe's
   * bound. A power of two, because a quarter of free memory is another number every time, and the
   * order of tokens follows from it.
   */
  public static int bufferTokens(Recipe recipe, long bytes, long bytesPerToken) {
    long allowed = Math.max(1, bytes / bytesPerToken);
    return allowed >= recipe.bufferTokens()
        ? recipe.bufferTokens()
        : (int) Math.max(2L * recipe.batch(), Long.highestOneBit(allowed));
  }
}
