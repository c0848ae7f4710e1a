package dev.loupe.analyze;

/**
 * Where and how strongly one feature fires, in the order of the corpus: a part of the columns of a
 * {@link FeatureBlock}, cut into windows. To be set again and again.
 */
final class Firings {
  private long[] places = {};
  private int[] ids = {};
  private float[] values = {};
  private int from;
  private int size;

  private int[] peaks = new int[1_024]; // strongest firing of each window
  private int windows;

  /** Takes the firings {@code from .. to - 1} of some columns, borrowed. */
  void set(FeatureBlock block, int newFrom, int to) {
    places = block.places();
    ids = block.ids();
    values = block.values();
    from = newFrom;
    size = to - newFrom;
    cut();
  }

  private void cut() {
    if (peaks.length < size) {
      peaks = new int[size];
    }
    windows = 0;
    long window = -1;
    float strongest = 0;
    for (int i = 0; i < size; i++) {
      long next = Place.window(places[from + i]);
      float value = values[from + i];
      if (next != window) {
        window = next;
        strongest = value;
        peaks[windows++] = i;
      } else if (value > strongest) { // of equals the first stays
        strongest = value;
        peaks[windows - 1] = i;
      }
    }
  }

  int size() {
    return size;
  }

  long place(int i) {
    return places[from + i];
  }

  int context(int i) {
    return Place.context(places[from + i]);
  }

  int position(int i) {
    return Place.position(places[from + i]);
  }

  int id(int i) {
    return ids[from + i];
  }

  float value(int i) {
    return values[from + i];
  }

  /** Windows in which the feature fires. */
  int windows() {
    return windows;
  }

  /** The strongest firing of a window, of equals the first. */
  int peak(int window) {
    return peaks[window];
  }

  /** The first window behind {@code window} that is in another context, or the end. */
  int contextEnd(int window) {
    int end = window + 1;
    while (end < windows && context(peaks[end]) == context(peaks[window])) {
      end++;
    }
    return end;
  }

  /** The strongest firing of some windows, of equals the first. */
  int peak(int window, int end) {
    int peak = peaks[window];
    for (int w = window + 1; w < end; w++) {
      peak = value(peaks[w]) > value(peak) ? peaks[w] : peak;
    }
    return peak;
  }
}
