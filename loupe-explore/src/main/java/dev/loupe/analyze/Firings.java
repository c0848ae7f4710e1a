package dev.loupe.analyze;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * All activations of a scan, feature by feature: those of feature f are {@code start(f) .. end(f) -
 * 1}, in the order of the tokens. 8 bytes an activation.
 */
final class Firings {
  private final int[] offsets; // [features + 1]
  private final int[] tokens; // [active]
  private final float[] values; // [active]

  private Firings(int[] offsets) {
    this.offsets = offsets;
    this.tokens = new int[offsets[offsets.length - 1]];
    this.values = new float[tokens.length];
  }

  int features() {
    return offsets.length - 1;
  }

  int start(int feature) {
    return offsets[feature];
  }

  int end(int feature) {
    return offsets[feature + 1];
  }

  int count(int feature) {
    return end(feature) - start(feature);
  }

  int token(int firing) {
    return tokens[firing];
  }

  float value(int firing) {
    return values[firing];
  }

  /**
   * Takes the activations batch by batch, then sorts them by feature: a counting sort, in which
   * each batch is let go as soon as it is copied.
   */
  static final class Collector {
    private static final long MOST = Integer.MAX_VALUE - 8; // the longest array of any JVM

    private final Deque<SparseRows> batches = new ArrayDeque<>();
    private final int[] counts; // [features]
    private long active;

    Collector(int features) {
      counts = new int[features];
    }

    void add(SparseRows rows) {
      active += rows.values().length;
      if (active > MOST) {
        throw new IllegalArgumentException(
            "expected at most %d activations in a scan, got %d; scan fewer tokens"
                .formatted(MOST, active));
      }
      for (int feature : rows.features()) {
        counts[feature]++;
      }
      batches.add(rows);
    }

    Firings sorted() {
      int[] offsets = new int[counts.length + 1];
      for (int feature = 0; feature < counts.length; feature++) {
        offsets[feature + 1] = offsets[feature] + counts[feature];
      }
      Firings firings = new Firings(offsets);
      int[] next = offsets.clone();
      int token = 0;
      while (!batches.isEmpty()) {
        SparseRows rows = batches.remove();
        firings.copy(rows, token, next);
        token += rows.tokens();
      }
      return firings;
    }
  }

  private void copy(SparseRows rows, int firstToken, int[] next) {
    for (int t = 0; t < rows.tokens(); t++) {
      for (int i = rows.offsets()[t]; i < rows.offsets()[t + 1]; i++) {
        int place = next[rows.features()[i]]++;
        tokens[place] = firstToken + t;
        values[place] = rows.values()[i];
      }
    }
  }
}
