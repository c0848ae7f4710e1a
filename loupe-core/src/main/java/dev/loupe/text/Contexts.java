package dev.loupe.text;

import java.util.Arrays;
import java.util.BitSet;

/**
 * The contexts of one epoch in columns: of each its document, where in the document it starts, its
 * ids (without the begin id that each starts with), and how many of those count.
 */
final class Contexts {
  private final DrawnDocuments drawn;
  private final TokenStore store;
  private final SpecialTokens special;
  private final int longest;
  private int[] documents = new int[1024];
  private int[] starts = new int[1024];
  private int[] lengths = new int[1024];
  private int[] counted = new int[1024];
  private int size;

  /**
   * No contexts yet.
   *
   * @param longest most ids of a context, without its begin id
   */
  Contexts(DrawnDocuments drawn, TokenStore store, SpecialTokens special, int longest) {
    this.drawn = drawn;
    this.store = store;
    this.special = special;
    this.longest = longest;
  }

  /**
   * Adds the contexts of the drawn documents {@code from} to {@code to}, in the order of their
   * keys, until {@code wanted} tokens count.
   */
  void add(int from, int to, long wanted) {
    long left = wanted;
    for (int index : HashOrder.sorted(to - from, i -> drawn.key(from + i))) {
      int document = from + index;
      for (int start = 0; start < drawn.length(document) && left > 0; start += longest) {
        left -= add(document, start, Math.min(longest, drawn.length(document) - start));
      }
    }
  }

  /**
   * As {@link #add(int, int, long)}, but drawing the contexts by a seeded hash from all of these
   * documents instead of using up one long document after another: the same number of tokens from
   * many more documents.
   */
  void addSpread(int from, int to, long wanted, long seed) {
    int first = size;
    add(from, to, Long.MAX_VALUE);
    int[] order =
        HashOrder.sorted(
            size - first,
            i -> {
              DocumentReference document = drawn.reference(documents[first + i]);
              return HashOrder.key(
                  seed, 's', document.source(), document.file(), document.row(), starts[first + i]);
            });
    BitSet kept = new BitSet();
    long left = wanted;
    for (int i = 0; i < order.length && left > 0; i++) {
      kept.set(first + order[i]);
      left -= counted[first + order[i]];
    }
    size = first;
    for (int i = kept.nextSetBit(0); i >= 0; i = kept.nextSetBit(i + 1)) {
      append(documents[i], starts[i], lengths[i], counted[i]); // never behind i
    }
  }

  int size() {
    return size;
  }

  int document(int context) {
    return documents[context];
  }

  int start(int context) {
    return starts[context];
  }

  int length(int context) {
    return lengths[context];
  }

  int counted(int context) {
    return counted[context];
  }

  /** The context's ids, begin id first; the caller's. */
  int[] ids(int context) {
    int[] ids = new int[1 + lengths[context]];
    ids[0] = special.documentStart();
    read(context, 0, lengths[context], ids, 1);
    return ids;
  }

  /** Copies some of the ids of a context, counted without its begin id. */
  void read(int context, int from, int count, int[] target, int at) {
    store.read(drawn.offset(documents[context]) + starts[context] + from, target, at, count);
  }

  private int add(int document, int start, int length) {
    int counts = 0;
    for (int i = 0; i < length; i++) {
      counts += special.contains(store.get(drawn.offset(document) + start + i)) ? 0 : 1;
    }
    if (counts > 0) {
      append(document, start, length, counts);
    }
    return counts;
  }

  private void append(int document, int start, int length, int counts) {
    if (size == documents.length) {
      documents = Arrays.copyOf(documents, size * 2);
      starts = Arrays.copyOf(starts, size * 2);
      lengths = Arrays.copyOf(lengths, size * 2);
      counted = Arrays.copyOf(counted, size * 2);
    }
    documents[size] = document;
    starts[size] = start;
    lengths[size] = length;
    counted[size++] = counts;
  }
}
