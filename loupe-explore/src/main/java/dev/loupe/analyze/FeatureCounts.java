package dev.loupe.analyze;

import java.util.Arrays;

/**
 * Counts and sums of one feature: integers, and float64 in the order of the corpus, so that nothing
 * depends on how the corpus was cut. To be used again for another feature. One thread.
 */
final class FeatureCounts {
  final int[] grid = new int[Grid.BINS]; // firings by activation
  final int[] windowGrid = new int[Grid.BINS]; // windows by strongest activation
  final int[] positions; // firings by bucket of position
  long firings;
  int contexts; // in which it fires
  double sum;
  double squares;
  float maximum;

  FeatureCounts(AnalysedTokens corpus) {
    positions = new int[corpus.buckets()];
  }

  void clear() {
    Arrays.fill(grid, 0);
    Arrays.fill(windowGrid, 0);
    Arrays.fill(positions, 0);
    firings = 0;
    contexts = 0;
    sum = 0;
    squares = 0;
    maximum = 0;
  }

  void add(Firings all) {
    firings += all.size();
    for (int i = 0; i < all.size(); i++) {
      float value = all.value(i);
      sum += value;
      squares += (double) value * value;
      grid[Grid.bin(value)]++;
      positions[AnalysedTokens.bucket(all.position(i))]++;
    }
    for (int w = 0; w < all.windows(); w++) {
      float peak = all.value(all.peak(w));
      windowGrid[Grid.bin(peak)]++;
      maximum = Math.max(maximum, peak);
      contexts += w == 0 || all.context(all.peak(w)) != all.context(all.peak(w - 1)) ? 1 : 0;
    }
  }

  double mean() {
    return firings == 0 ? 0 : sum / firings;
  }

  /** Standard deviation. */
  double deviation() {
    return firings == 0 ? 0 : Math.sqrt(Math.max(0, squares / firings - mean() * mean()));
  }
}
