package dev.loupe.exchange;

import dev.loupe.store.HistogramRow;
import dev.loupe.store.LogitsRow;
import dev.loupe.store.StoredFeature;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Bins of equal width, as both formats have them.
 *
 * @param values their centres
 * @param heights counts in them
 */
record Histogram(List<Double> values, List<Double> heights) {
  /** Of every histogram of both formats. */
  static final int BINS = 50;

  /** Activations where the feature fires, from 0 to its maximum. */
  static Histogram activations(StoredFeature stored) {
    HistogramRow row = stored.histogram();
    return of(0, stored.feature().maximum(), row.linearCounts());
  }

  /** Logits over the vocabulary, from the smallest to the largest. */
  static Histogram logits(LogitsRow row) {
    return of(row.minimum(), row.maximum(), row.counts());
  }

  private static Histogram of(double from, double to, int[] counts) {
    double width = (to - from) / counts.length;
    return new Histogram(
        IntStream.range(0, counts.length)
            .mapToObj(bin -> Decimals.five(from + (bin + 0.5) * width))
            .toList(),
        Arrays.stream(counts).mapToObj(count -> (double) count).toList());
  }
}
