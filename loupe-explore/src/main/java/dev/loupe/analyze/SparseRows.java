package dev.loupe.analyze;

import dev.loupe.dictionary.Codes;

/**
 * {@link Codes} on the heap: token t of a batch has {@code features[offsets[t] .. offsets[t + 1])}.
 *
 * @param offsets // [tokens + 1]
 * @param features // [active]
 * @param values all above zero // [active]
 */
@SuppressWarnings("ArrayRecordComponent") // a plain carrier of columns; never compared
record SparseRows(int[] offsets, int[] features, float[] values) {
  static SparseRows of(Codes codes) {
    return new SparseRows(codes.offsets().ints(), codes.indices().ints(), codes.values().floats());
  }

  int tokens() {
    return offsets.length - 1;
  }
}
