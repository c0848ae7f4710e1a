package dev.loupe.store;

/**
 * A window of text with a feature's activations: a row of {@code samples.parquet}. Activations are
 * rounded to 11 significant bits.
 *
 * @param band from 0 (weakest) to 7 for {@link SampleKind#BAND}, else -1
 * @param rank within its kind and band, from 0
 * @param window number of the window that has the peak; the text around it is in the windows of the
 *     same context before and after
 * @param position of the peak in its context
 * @param activation at the peak; for {@link SampleKind#NEIGHBOUR} the neighbour's
 * @param positions in the context, ascending, where the feature fires, of that window and the two
 *     around it
 * @param activations there
 * @param duplicates how many near-duplicates were folded into this sample
 */
@SuppressWarnings("ArrayRecordComponent") // a row to be written or shown; never compared
public record SampleRow(
    int feature,
    SampleKind kind,
    int band,
    int rank,
    int window,
    int position,
    float activation,
    int[] positions,
    float[] activations,
    int duplicates) {
  public SampleRow {
    Lists.requireEqual("the firings of a sample", positions.length, activations.length);
  }
}
