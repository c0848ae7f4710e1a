package dev.loupe.analyze;

/**
 * Consecutive counted tokens of the corpus, in columns.
 *
 * @param contexts of each, ascending // [tokens]
 * @param positions in the context // [tokens]
 * @param ids // [tokens]
 * @param losses of the next tokens, in nats; NaN where the context ends // [tokens]
 */
@SuppressWarnings("ArrayRecordComponent") // a plain carrier of columns; never compared
record TokenColumns(int[] contexts, int[] positions, int[] ids, float[] losses) {
  int size() {
    return ids.length;
  }
}
