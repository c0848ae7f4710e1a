package dev.loupe.analyze;

import java.util.Arrays;

/**
 * The largest activation of one feature in each document that has a category, of those in which it
 * fires. To be used again for another feature. One thread.
 */
final class DocumentMaxima {
  private final CategoryDocuments categories;
  private int[] documents = new int[256]; // of each context in which it fires
  private float[] values = new float[256];
  private int size;

  DocumentMaxima(CategoryDocuments categories) {
    this.categories = categories;
  }

  void clear() {
    size = 0;
  }

  void add(Firings all) {
    for (int w = 0; w < all.windows(); ) {
      int end = all.contextEnd(w);
      int document = categories.contextDocuments()[all.context(all.peak(w))];
      if (document >= 0) {
        put(document, all.value(all.peak(w, end)));
      }
      w = end;
    }
  }

  private void put(int document, float value) {
    if (size == values.length) {
      documents = Arrays.copyOf(documents, 2 * size);
      values = Arrays.copyOf(values, 2 * size);
    }
    documents[size] = document;
    values[size++] = value;
  }

  /** The maxima, documents ascending; several contexts of one document are brought together. */
  CategorySearch.Scores scores() {
    long[] order = new long[size];
    for (int i = 0; i < size; i++) {
      order[i] = (long) documents[i] << 32 | i;
    }
    Arrays.sort(order);
    int[] found = new int[size];
    float[] maxima = new float[size];
    int n = 0;
    for (long each : order) {
      int document = (int) (each >>> 32);
      float value = values[(int) each];
      if (n > 0 && found[n - 1] == document) {
        maxima[n - 1] = Math.max(maxima[n - 1], value);
      } else {
        found[n] = document;
        maxima[n++] = value;
      }
    }
    return new CategorySearch.Scores(Arrays.copyOf(found, n), Arrays.copyOf(maxima, n));
  }
}
