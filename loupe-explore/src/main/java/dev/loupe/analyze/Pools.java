package dev.loupe.analyze;

import java.util.Arrays;

/**
 * For each of some features the places of lowest key among all that were offered, as many as there
 * is room for: with a strength in the key the strongest, with a hash a uniform sample. What is kept
 * does not depend on the order of the offers, so pools of parts of a corpus can be merged.
 */
final class Pools {
  private final int capacity;
  private final int[] sizes; // [features]
  private final long[] keys; // [features, capacity], of each feature a heap, largest first
  private final long[] places; // likewise
  private final float[] values; // likewise

  Pools(int features, int capacity) {
    this.capacity = capacity;
    this.sizes = new int[features];
    this.keys = new long[features * capacity];
    this.places = new long[keys.length];
    this.values = new float[keys.length];
  }

  /** A key that puts large values first; of equals those of lower hash. */
  static long largestFirst(float value, long hash) {
    return ((long) ~sortable(value) << 32) | (hash >>> 32);
  }

  /** A key that puts small values first; of equals those of lower hash. */
  static long smallestFirst(float value, long hash) {
    return ((long) sortable(value) << 32) | (hash >>> 32);
  }

  /** An integer in the order of the float. */
  private static int sortable(float value) {
    int bits = Float.floatToRawIntBits(value + 0.0f); // −0 counts as 0
    return bits ^ ((bits >> 31) & Integer.MAX_VALUE);
  }

  /** A key that chooses by a hash alone. */
  static long byHash(long hash) {
    return hash >>> 1;
  }

  void offer(int feature, long key, long place, float value) {
    int base = feature * capacity;
    if (sizes[feature] < capacity) {
      up(base, sizes[feature]++, key, place, value);
    } else if (key < keys[base]) {
      down(base, key, place, value);
    }
  }

  private void up(int base, int from, long key, long place, float value) {
    int at = from;
    while (at > 0 && keys[base + (at - 1) / 2] < key) {
      move(base + (at - 1) / 2, base + at);
      at = (at - 1) / 2;
    }
    put(base + at, key, place, value);
  }

  /** In the place of the largest. */
  private void down(int base, long key, long place, float value) {
    int at = 0;
    while (2 * at + 1 < capacity) {
      int child = 2 * at + 1;
      if (child + 1 < capacity && keys[base + child + 1] > keys[base + child]) {
        child++;
      }
      if (keys[base + child] <= key) {
        break;
      }
      move(base + child, base + at);
      at = child;
    }
    put(base + at, key, place, value);
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

  /** What is kept of a feature, lowest key first. */
  Entry[] sorted(int feature) {
    Entry[] entries = new Entry[sizes[feature]];
    for (int i = 0; i < entries.length; i++) {
      int at = feature * capacity + i;
      entries[i] = new Entry(keys[at], places[at], values[at]);
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
