package dev.loupe.store;

import java.util.Arrays;
import java.util.List;

/**
 * What {@link FeatureRow} says of one feature, for all features of a dictionary: an array for each
 * number, with an element (or {@link #QUANTILES} of them) for each feature, as in {@code
 * features.parquet}.
 *
 * @param quantiles of the activations, [F · 9]; NaN where it never fires
 * @param tokenShare NaN where it does not vary on the held-out half
 * @param flags {@link #DEAD}, {@link #DENSE}, {@link #SINGLE_TOKEN} added up
 * @param categories names, of which {@code category} has the index
 * @param category -1 where there is none
 * @param categoryF1 NaN where there is none
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier of columns; never compared
public record FeatureColumns(
    int[] firings,
    float[] rate,
    int[] contexts,
    float[] maximum,
    float[] mean,
    float[] deviation,
    float[] quantiles,
    float[] tokenShare,
    byte[] flags,
    List<String> categories,
    byte[] category,
    byte[] categorySign,
    float[] categoryF1) {
  public static final int DEAD = 1;
  public static final int DENSE = 2;
  public static final int SINGLE_TOKEN = 4;

  /** Quantiles of each feature, at the levels {@link FeatureRow#QUANTILES}. */
  public static final int QUANTILES = FeatureRow.QUANTILES.size();

  /** For so many features, to be filled; quantiles NaN. */
  static FeatureColumns empty(int features, List<String> categories) {
    float[] quantiles = new float[features * QUANTILES];
    Arrays.fill(quantiles, Float.NaN);
    return new FeatureColumns(
        new int[features],
        new float[features],
        new int[features],
        new float[features],
        new float[features],
        new float[features],
        quantiles,
        new float[features],
        new byte[features],
        List.copyOf(categories),
        new byte[features],
        new byte[features],
        new float[features]);
  }

  /** Number of features. */
  public int features() {
    return firings.length;
  }

  /**
   * The share of a feature's firings that are weaker than an activation, from 0 to 1: between the
   * stored quantiles (within 6 % of a value) and the maximum, linear in the logarithm. NaN where
   * the feature never fired.
   */
  public float rank(int feature, float activation) {
    int from = feature * QUANTILES;
    if (Float.isNaN(quantiles[from])) {
      return Float.NaN;
    }
    double below = 0;
    float low = 0;
    for (int i = 0; i <= QUANTILES; i++) {
      double level = i < QUANTILES ? FeatureRow.QUANTILES.get(i) : 1;
      float high = i < QUANTILES ? quantiles[from + i] : maximum[feature];
      if (activation < high) {
        double share =
            low > 0
                ? Math.log(activation / (double) low) / Math.log(high / (double) low)
                : activation / (double) high;
        return (float) (below + (level - below) * Math.clamp(share, 0, 1));
      }
      below = level;
      low = high;
    }
    return 1;
  }
}
