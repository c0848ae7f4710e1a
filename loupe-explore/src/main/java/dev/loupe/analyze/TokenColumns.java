package dev.loupe.analyze;

import dev.loupe.activation.Activations;

/**
 * Consecutive counted tokens of the corpus, in columns.
 *
 * @param places of each, ascending: see {@link Place} // [tokens]
 * @param ids // [tokens]
 * @param losses of the next tokens, in nats; NaN where the context ends // [tokens]
 */
@SuppressWarnings("ArrayRecordComponent") // a plain carrier of columns; never compared
record TokenColumns(long[] places, int[] ids, float[] losses) {
  static TokenColumns of(Activations activations) {
    long[] places = new long[activations.tokens()];
    for (int t = 0; t < places.length; t++) {
      places[t] = Place.of(activations.contexts()[t], activations.positions()[t]);
    }
    return new TokenColumns(places, activations.ids(), activations.losses());
  }

  int size() {
    return ids.length;
  }

  int context(int token) {
    return Place.context(places[token]);
  }

  int position(int token) {
    return Place.position(places[token]);
  }
}
