package dev.loupe.evaluate;

import java.util.List;

/** Sums by document of the losses of one way to run the model. */
final class LossSums {
  private final double[] pairs; // Σ loss where input and target count
  private final double[] targets; // Σ loss where the target counts
  private final double[] kl; // Σ KL(original, this) where the input counts

  LossSums(int documents) {
    pairs = new double[documents];
    targets = new double[documents];
    kl = new double[documents];
  }

  /**
   * Adds a chunk of rows.
   *
   * @param start the first of them
   * @param losses −log p of each one's target
   */
  void addLosses(LossRows rows, int start, double[] losses) {
    for (int i = 0; i < losses.length; i++) {
      int document = rows.documents()[start + i];
      if (rows.target()[start + i]) {
        targets[document] += losses[i];
        pairs[document] += rows.input()[start + i] ? losses[i] : 0;
      }
    }
  }

  /** Adds the KL divergences of a chunk of rows. */
  void addDivergences(LossRows rows, int start, double[] divergences) {
    for (int i = 0; i < divergences.length; i++) {
      kl[rows.documents()[start + i]] += rows.input()[start + i] ? divergences[i] : 0;
    }
  }

  Losses means(Resamples resamples, LossCounts counts) {
    List<Series> sums = resamples.series(List.of(pairs, targets, kl));
    List<Series> over = counts.series(resamples);
    return new Losses(
        sums.get(0).over(over.get(0)),
        sums.get(1).over(over.get(1)),
        sums.get(2).over(over.get(2)));
  }

  /**
   * Means of the losses of one way to run the model.
   *
   * @param byPair over positions whose input and target count
   * @param byTarget over positions whose target counts
   * @param kl over positions whose input counts
   */
  record Losses(Series byPair, Series byTarget, Series kl) {}
}
