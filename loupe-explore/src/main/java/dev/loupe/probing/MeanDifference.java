package dev.loupe.probing;

import java.util.Arrays;

/**
 * Chooses the columns that a sparse probe reads by the difference of their means between both
 * classes of the training rows: the choice that Gurnee et al. (2023, arXiv 2305.01610) and SAEBench
 * (arXiv 2503.09532) probe with.
 */
final class MeanDifference {
  private MeanDifference() {}

  /** The k columns of largest difference, either way, the largest first; of equals the first. */
  static int[] either(double[] differences, int k) {
    return largest(Arrays.stream(differences).map(Math::abs).toArray(), k);
  }

  /** The k columns, or fewer, that are most above in the class, the largest difference first. */
  static int[] above(double[] differences, int k) {
    int positive = (int) Arrays.stream(differences).filter(d -> d > 0).count();
    return largest(differences, Math.min(k, positive));
  }

  private static int[] largest(double[] values, int k) {
    if (k > values.length) {
      throw new IllegalArgumentException(
          "expected a k of at most the %d candidates, got %d".formatted(values.length, k));
    }
    double[] left = values.clone();
    int[] chosen = new int[k];
    for (int i = 0; i < k; i++) {
      int best = 0;
      for (int j = 1; j < left.length; j++) {
        best = left[j] > left[best] ? j : best;
      }
      chosen[i] = best;
      left[best] = Double.NEGATIVE_INFINITY;
    }
    return chosen;
  }
}
