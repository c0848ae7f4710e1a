package dev.loupe.exchange;

import dev.loupe.store.FeatureRow;
import dev.loupe.store.StoredFeature;

/**
 * The interval of activations that a sample stands for.
 *
 * @param low {@link #NONE} for the strongest samples
 * @param high the feature's maximum for those
 * @param contains share of the counted tokens whose activation is in the interval; {@link #NONE}
 *     for those
 */
record ActivationBin(double low, double high, double contains) {
  /** Stands where a group of samples is no interval. */
  static final double NONE = -1;

  static ActivationBin top(FeatureRow feature) {
    return new ActivationBin(NONE, feature.maximum(), NONE);
  }

  /**
   * A band. What share of the tokens it contains follows from the feature's logarithmic histogram,
   * linear within one of its bins, which are at most 9 % wide.
   *
   * @param tokens that were counted
   */
  static ActivationBin band(StoredFeature stored, int band, long tokens) {
    float[] edges = stored.feature().bandEdges();
    double firings = below(stored, edges[band + 1]) - below(stored, edges[band]);
    return new ActivationBin(edges[band], edges[band + 1], firings / tokens);
  }

  /** Firings with less than an activation. */
  private static double below(StoredFeature stored, float activation) {
    float[] edges = stored.histogram().logEdges();
    int[] counts = stored.histogram().logCounts();
    double sum = 0;
    for (int bin = 0; bin < counts.length; bin++) {
      float end = Math.min(edges[bin + 1], stored.feature().maximum());
      if (activation >= end) {
        sum += counts[bin];
      } else if (activation > edges[bin]) {
        sum += counts[bin] * (double) (activation - edges[bin]) / (end - edges[bin]);
      }
    }
    return sum;
  }
}
