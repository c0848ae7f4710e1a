package dev.loupe.train;

/**
 * Rate, K and λ of each step: pure functions of the step's number, the first being 0
 * (reference/llama-scope.md, section 4).
 *
 * @param steps T, of the whole run
 * @param peak learning rate
 * @param warmUp steps over which the rate rises
 * @param decay steps at the end over which it falls
 * @param finalRatio what it falls to, of the peak
 * @param k final K
 * @param kStart K at step 0
 * @param kAnneal steps over which K falls
 * @param batchGate steps at the end in which K holds for the batch as a whole
 * @param silent tokens after which a feature that has not fired is silent
 * @param l1 final λ
 * @param l1WarmUp steps over which λ rises
 */
public record Schedule(
    long steps,
    double peak,
    long warmUp,
    long decay,
    double finalRatio,
    int k,
    int kStart,
    long kAnneal,
    long batchGate,
    long silent,
    double l1,
    long l1WarmUp) {

  static Schedule of(Recipe recipe, long steps, int d) {
    int kStart = (int) Math.max(recipe.k(), Math.round(recipe.kAnnealStartShare() * d));
    return new Schedule(
        steps,
        recipe.peakLearningRate(),
        (long) (recipe.warmUpShare() * steps),
        (long) (recipe.decayShare() * steps),
        recipe.finalLearningRateRatio(),
        recipe.k(),
        kStart,
        (long) (recipe.kAnnealShare() * steps),
        (long) (recipe.batchGateShare() * steps),
        Math.max(1, (long) (recipe.auxSilentShare() * steps * recipe.batch())),
        recipe.isTopK() ? 0 : recipe.l1Coefficient(),
        (long) (recipe.l1WarmUpShare() * steps));
  }

  /** peak · min(1, (s+1)/warmUp, r + (1−r)/decay · max(T−s, 1)). */
  public double learningRate(long step) {
    double rising = warmUp == 0 ? 1 : (step + 1.0) / warmUp;
    double falling =
        decay == 0 ? 1 : finalRatio + (1 - finalRatio) / decay * Math.max(steps - step, 1);
    return peak * Math.min(1, Math.min(rising, falling));
  }

  /** ⌈K · max(1, c + (1−c) · s/kAnneal)⌉ with c = kStart / K; rounded to 1e-9 before ⌈⌉. */
  public int k(long step) {
    if (kAnneal == 0) {
      return k;
    }
    double c = (double) kStart / k;
    double exact = k * Math.max(1, c + (1 - c) * step / kAnneal);
    return (int) Math.ceil(Math.round(exact * 1e9) / 1e9);
  }

  /** Whether K holds for the batch as a whole. */
  public boolean acrossBatch(long step) {
    return step >= steps - batchGate;
  }

  /** λ · min(1, s / l1WarmUp). */
  public double l1(long step) {
    return l1WarmUp == 0 ? l1 : l1 * Math.min(1, (double) step / l1WarmUp);
  }
}
