package dev.loupe.analyze;

import java.util.Arrays;

/**
 * The places of lowest key among all that were offered, as many as there is room for: with a
 * strength in the key the strongest, with a hash a uniform sample. What is kept does not depend on
 * the order of the offers, so that pools of parts of a corpus can be merged.
 */
final class Pool {
  private final long[] keys; // a heap, largest first
  private final long[] places; // likewise
  private final float[] values; // likewise
  private int size;

  Pool(int capacity) {
    keys = new long[capacity];
    places = new long[capacity];
    values = new float[capacity];
  }

  /** A key that puts large values first; of equals those of lower hash. */
  static long largestFirst(float value, long hash) {
    return ((long) ~sortable(value) << 32) | (hash >>> 32);
  }

  /** A key that puts small values first; of equals those of lower hash. */
  static long smallestFirst(float value, long hash) {
    return ((long) sortable(value) << 32) | (hash >>> 32);
  }

  /** A key that chooses by a hash alone. */
  static long byHash(long hash) {
    return hash >>> 1;
  }

  /** An integer in the order of the float. */
  private static int sortable(float value) {
    int bits = Float.floatToRawIntBits(value + 0.0f); // −0 counts as 0
    return bits ^ ((bits >> 31) & Integer.MAX_VALUE);
  }

  void clear() {
    size = 0;
  }

  void offer(long key, long place, float value) {
    if (size < keys.length) {
      up(key, place, value);
    } else if (key < keys[0]) {
      down(key, place, value);
    }
  }

  private void up(long key, long place, float value) {
    int at = size++;
    while (at > 0 && keys[(at - 1) / 2] < key) {
      move((at - 1) / 2, at);
      at = (at - 1) / 2;
    }
    put(at, key, place, value);
  }

  /** In the place of the largest. */
  private void down(long key, long place, float value) {
    int at = 0;
    while (2 * at + 1 < size) {
      int child = 2 * at + 1;
      if (child + 1 < size && keys[child + 1] > keys[child]) {
        child++;
      }
      if (keys[child] <= key) {
        break;
      }
      move(child, at);
      at = child;
    }
    put(at, key, place, value);
  }

  private void move(int from, int to) {
    keys[to] = keys[from];
    places[to] = places[from];
    values[to] = values[from];
  }

  private void put(int at, long key, long place, float value) {
    keys[at] = key;
    places[at] = place;
    values[at] = value;
  }

  /** Whether a pool of largest values may take one: false only if it surely would not. */
  boolean mayTakeLarge(float value) {
    return size < keys.length || value >= values[0];
  }

  /** Whether another offer would have to take the place of one that is kept. */
  boolean isFull() {
    return size == keys.length;
  }

  /** The value of highest key that is kept. */
  float last() {
    return values[0];
  }

  /** What is kept, lowest key first. */
  Entry[] sorted() {
    Entry[] entries = new Entry[size];
    for (int i = 0; i < size; i++) {
      entries[i] = new Entry(keys[i], places[i], values[i]);
    }
    Arrays.sort(entries);
    return entries;
  }

  /** A place that is kept. */
  record Entry(long key, long place, float value) implements Comparable<Entry> {
    @Override
    public int compareTo(Entry other) {
      int order = Long.compare(key, other.key);
      return order != 0 ? order : Long.compare(place, other.place);
    }
  }
}
