package dev.loupe.evaluate;

/**
 * How much to measure.
 *
 * @param lossTokens counted tokens of the forward passes with replaced activations, from the start
 *     of the corpus; the last context may overshoot
 * @param bootstrapSamples resamples of the documents behind each interval
 * @param seed of the resampling
 */
public record EvaluationRequest(long lossTokens, int bootstrapSamples, long seed) {
  public static final int BOOTSTRAP_SAMPLES = 1_000;

  /** Checks the ranges. */
  public EvaluationRequest {
    if (lossTokens < 1) {
      throw new IllegalArgumentException("expected 1 or more loss tokens, got " + lossTokens);
    }
    if (bootstrapSamples < 1) {
      throw new IllegalArgumentException(
          "expected 1 or more bootstrap samples, got " + bootstrapSamples);
    }
  }

  /** With the usual number of resamples. */
  public static EvaluationRequest of(long lossTokens, long seed) {
    return new EvaluationRequest(lossTokens, BOOTSTRAP_SAMPLES, seed);
  }
}
