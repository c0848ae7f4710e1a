package dev.loupe.store;

/**
 * How often a feature fires how strongly: a row of {@code histograms.parquet}. Both histograms add
 * up to its firings.
 *
 * @param logEdges 65 edges, eight bins to an octave; the first bin also has all that is below;
 *     empty where the feature never fires
 * @param logCounts firings in each of the 64
 * @param linearCounts firings in each of 50 bins of equal width from 0 to the maximum
 */
@SuppressWarnings("ArrayRecordComponent") // a row to be written or shown; never compared
public record HistogramRow(int feature, float[] logEdges, int[] logCounts, int[] linearCounts) {
  public static final int LOG_BINS = 64;
  public static final int LINEAR_BINS = 50;
}
