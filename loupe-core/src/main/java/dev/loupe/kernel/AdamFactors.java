package dev.loupe.kernel;

/**
 * The constants of one update of Adam (Kingma and Ba 2015), without weight decay: m ← β₁ m +
 * gradient₁ g, v ← β₂ v + gradient₂ g², w ← w − rate · m / (√v · root + ε).
 *
 * @param gradient1 (1 − β₁) · clip factor
 * @param gradient2 (1 − β₂) · clip factor²
 * @param root 1 / √(1 − β₂^step)
 * @param rate learning rate / (1 − β₁^step)
 */
public record AdamFactors(
    float beta1,
    float beta2,
    float gradient1,
    float gradient2,
    float root,
    float rate,
    float epsilon) {

  /**
   * The constants of one step.
   *
   * @param clip by which the gradient is multiplied first
   * @param step number of the update, the first being 0
   */
  public static AdamFactors of(
      double beta1, double beta2, double epsilon, double clip, double rate, long step) {
    return new AdamFactors(
        (float) beta1,
        (float) beta2,
        (float) ((1 - beta1) * clip),
        (float) ((1 - beta2) * clip * clip),
        (float) (1 / Math.sqrt(1 - Math.pow(beta2, step + 1.0))),
        (float) (rate / (1 - Math.pow(beta1, step + 1.0))),
        (float) epsilon);
  }
}
