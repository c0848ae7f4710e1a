package dev.loupe.store;

/**
 * The nearest features of a feature, nearest first: a row of {@code neighbours.parquet}.
 *
 * @param relation {@link #DECODER}, {@link #ENCODER} or {@link #COACTIVATION}
 * @param dictionary whose features the neighbours are
 * @param neighbours their numbers
 * @param cosines of decoder columns or of encoder rows; empty for co-activation
 * @param phi correlation of firing with firing, on tokens; empty for cosines
 * @param lift rate of firing together over the product of the two rates; empty for cosines
 * @param firings tokens on which both fire; empty for cosines
 */
@SuppressWarnings("ArrayRecordComponent") // a row to be written or shown; never compared
public record NeighboursRow(
    int feature,
    String relation,
    String dictionary,
    int[] neighbours,
    float[] cosines,
    float[] phi,
    float[] lift,
    int[] firings) {
  public static final String DECODER = "decoder";
  public static final String ENCODER = "encoder";
  public static final String COACTIVATION = "coactivation";

  private static final float[] NO_FLOATS = {};
  private static final int[] NO_INTS = {};

  public NeighboursRow {
    if (relation.equals(COACTIVATION)) {
      Lists.requireEqual("neighbours", neighbours.length, phi.length, lift.length, firings.length);
    } else {
      Lists.requireEqual("neighbours", neighbours.length, cosines.length);
    }
  }

  public static NeighboursRow cosines(
      int feature, String relation, String dictionary, int[] neighbours, float[] cosines) {
    return new NeighboursRow(
        feature, relation, dictionary, neighbours, cosines, NO_FLOATS, NO_FLOATS, NO_INTS);
  }

  public static NeighboursRow coactivation(
      int feature, String dictionary, int[] neighbours, float[] phi, float[] lift, int[] firings) {
    return new NeighboursRow(
        feature, COACTIVATION, dictionary, neighbours, NO_FLOATS, phi, lift, firings);
  }
}
