package dev.loupe.analyze;

import dev.loupe.store.HistogramRow;

/**
 * Quantities that follow from a feature's counts on the {@link Grid}: bands of equal mass,
 * quantiles, a histogram of fewer bins.
 */
final class Bands {
  static final int COUNT = 8;

  private static final int WIDTH = 2; // bins of the grid in one of the logarithmic histogram

  private Bands() {}

  /**
   * The band of each bin, from 0 (weakest) to 7: a bin belongs where its middle is in the cumulated
   * counts, so that a band is a range of activations and has as nearly an eighth as bins allow.
   *
   * @param counts of bins
   */
  static byte[] of(int[] counts) {
    long total = total(counts);
    byte[] bands = new byte[Grid.BINS];
    long before = 0;
    for (int bin = 0; bin < Grid.BINS; bin++) {
      long twiceMiddle = 2 * before + counts[bin];
      bands[bin] = (byte) (total == 0 ? 0 : Math.min(COUNT - 1, COUNT * twiceMiddle / (2 * total)));
      before += counts[bin];
    }
    return bands;
  }

  /**
   * Nine edges of the bands: a band ends where the next begins, the first begins at the lower edge
   * of the first bin that has anything, the last ends at the maximum. A band without windows is
   * empty.
   */
  static float[] edges(byte[] bands, int[] counts, float maximum) {
    int first = 0;
    while (first < Grid.BINS && counts[first] == 0) {
      first++;
    }
    if (first == Grid.BINS) {
      return new float[0];
    }
    float[] edges = new float[COUNT + 1];
    edges[COUNT] = maximum;
    for (int band = 0; band < COUNT; band++) {
      int bin = first;
      while (bin < Grid.BINS && (counts[bin] == 0 || bands[bin] < band)) {
        bin++;
      }
      edges[band] = bin == Grid.BINS ? maximum : Grid.edge(bin);
    }
    return edges;
  }

  static int[] counts(byte[] bands, int[] counts) {
    int[] sums = new int[COUNT];
    for (int bin = 0; bin < Grid.BINS; bin++) {
      sums[bands[bin]] += counts[bin];
    }
    return sums;
  }

  /**
   * The activation below which a share of the firings is, linear within a bin and at most the
   * maximum: off by a bin at most, 4 to 6 %.
   */
  static float quantile(int[] counts, double level, float maximum) {
    double wanted = level * total(counts);
    double before = 0;
    for (int bin = 0; bin < Grid.BINS; bin++) {
      int count = counts[bin];
      if (count > 0 && before + count >= wanted) {
        double within = (wanted - before) / count;
        double edge = Grid.edge(bin) + within * (Grid.edge(bin + 1) - Grid.edge(bin));
        return (float) Math.min(edge, maximum);
      }
      before += count;
    }
    return maximum;
  }

  private static long total(int[] counts) {
    long total = 0;
    for (int bin = 0; bin < Grid.BINS; bin++) {
      total += counts[bin];
    }
    return total;
  }

  /** The bin of the grid with which the logarithmic histogram of a feature starts. */
  static int logStart(float maximum) {
    int end = (Grid.bin(maximum) / WIDTH + 1) * WIDTH;
    return end - HistogramRow.LOG_BINS * WIDTH;
  }

  /** The bin of such a histogram that has a bin of the grid. */
  static int logBin(int bin, int start) {
    return bin < start ? 0 : Math.min((bin - start) / WIDTH, HistogramRow.LOG_BINS - 1);
  }

  /** The edges of such a histogram. */
  static float[] logEdges(int start) {
    float[] edges = new float[HistogramRow.LOG_BINS + 1];
    for (int i = 0; i < edges.length; i++) {
      edges[i] = Grid.edge(start + i * WIDTH);
    }
    return edges;
  }
}
