package dev.loupe.text;

import java.util.Arrays;

/** The tokenised documents in columns: where each stands, its draw key, and where its ids lie. */
final class DrawnDocuments {
  private DocumentReference[] references = new DocumentReference[256];
  private long[] keys = new long[256];
  private long[] offsets = new long[256];
  private int[] lengths = new int[256];
  private int size;

  void add(DocumentReference reference, long key, long offset, int length) {
    if (size == lengths.length) {
      grow(size * 2);
    }
    references[size] = reference;
    keys[size] = key;
    offsets[size] = offset;
    lengths[size++] = length;
  }

  int size() {
    return size;
  }

  DocumentReference reference(int document) {
    return references[document];
  }

  /** The place of the document in the order in which documents are drawn. */
  long key(int document) {
    return keys[document];
  }

  /** Where its ids start in the store. */
  long offset(int document) {
    return offsets[document];
  }

  /** Number of its ids, without a begin id. */
  int length(int document) {
    return lengths[document];
  }

  private void grow(int capacity) {
    references = Arrays.copyOf(references, capacity);
    keys = Arrays.copyOf(keys, capacity);
    offsets = Arrays.copyOf(offsets, capacity);
    lengths = Arrays.copyOf(lengths, capacity);
  }
}
