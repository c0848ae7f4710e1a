package dev.loupe.analyze;

import dev.loupe.text.DocumentReference;

/**
 * A place where a feature fires strongly, with the text around it: the strongest token of its
 * context.
 *
 * @param document where the text is from
 * @param context number of the context in its corpus
 * @param position of the peak in the context
 * @param ids tokens of the window, which is inside the context and without its begin id
 * @param activations of the feature at each of them, 0 where it does not fire
 * @param peak index of the peak in {@code ids}
 */
@SuppressWarnings("ArrayRecordComponent") // a plain carrier of columns; never compared
public record Example(
    DocumentReference document,
    int context,
    int position,
    int[] ids,
    float[] activations,
    int peak) {
  /** Checks that the columns agree. */
  public Example {
    if (activations.length != ids.length || peak < 0 || peak >= ids.length) {
      throw new IllegalArgumentException(
          "expected as many activations as ids and a peak among them, got %d, %d and %d"
              .formatted(activations.length, ids.length, peak));
    }
  }

  /** The activation at the peak. */
  public float strength() {
    return activations[peak];
  }
}
