package dev.loupe.analyze;

import java.util.Arrays;

/**
 * Where and how strongly one feature fires on consecutive whole contexts, in the order of the
 * corpus: columns to be filled again and again. Since contexts are whole, windows and contexts begin
 * and end here.
 */
final class Firings {
  private long[] places = new long[1_024];
  private int[] ids = new int[1_024];
  private float[] values = new float[1_024];
  private int size;

  void clear() {
    size = 0;
  }

  void add(long place, int id, float value) {
    if (size == values.length) {
      places = Arrays.copyOf(places, 2 * size);
      ids = Arrays.copyOf(ids, 2 * size);
      values = Arrays.copyOf(values, 2 * size);
    }
    places[size] = place;
    ids[size] = id;
    values[size++] = value;
  }

  int size() {
    return size;
  }

  long place(int i) {
    return places[i];
  }

  int context(int i) {
    return Place.context(places[i]);
  }

  int position(int i) {
    return Place.position(places[i]);
  }

  /** Windows in the order of the corpus ascend; see {@link Place#window}. */
  long window(int i) {
    return Place.window(places[i]);
  }

  int id(int i) {
    return ids[i];
  }

  float value(int i) {
    return values[i];
  }

  /** The first firing behind {@code from} that is in another window, or the end. */
  int windowEnd(int from) {
    int to = from + 1;
    while (to < size && window(to) == window(from)) {
      to++;
    }
    return to;
  }

  /** The first firing behind {@code from} that is in another context, or the end. */
  int contextEnd(int from) {
    int to = from + 1;
    while (to < size && context(to) == context(from)) {
      to++;
    }
    return to;
  }

  /** The strongest of some firings, of equals the first. */
  int peak(int from, int to) {
    int peak = from;
    for (int i = from + 1; i < to; i++) {
      peak = values[i] > values[peak] ? i : peak;
    }
    return peak;
  }
}
