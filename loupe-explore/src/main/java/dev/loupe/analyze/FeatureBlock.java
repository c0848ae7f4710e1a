package dev.loupe.analyze;

import dev.loupe.kernel.Range;

/**
 * The activations of consecutive features, of all tokens, on the heap: of feature f those from
 * {@code starts[f - features.from()]} on, in the order of the corpus. Read by several threads.
 *
 * @param starts // [features + 1]
 * @param places see {@link Place} // [active]
 * @param ids of the tokens // [active]
 * @param values // [active]
 */
@SuppressWarnings("ArrayRecordComponent") // a plain carrier of columns; never compared
record FeatureBlock(Range features, int[] starts, long[] places, int[] ids, float[] values) {
  static FeatureBlock ofSize(Range features, int[] starts) {
    int active = starts[starts.length - 1];
    return new FeatureBlock(features, starts, new long[active], new int[active], new float[active]);
  }

  boolean has(int feature) {
    return features.from() <= feature && feature < features.to();
  }

  /** Shows where one of the features fires. */
  void show(int feature, Firings firings) {
    int f = feature - features.from();
    firings.set(this, starts[f], starts[f + 1]);
  }
}
