package dev.loupe.analyze;

import dev.loupe.kernel.CodeRows;
import dev.loupe.kernel.Range;
import java.util.Arrays;

/**
 * The first pass over the codes, for a range of features: counts and sums, all of them exact or in
 * float64 in the order of the corpus, so that nothing depends on how the corpus was cut. Memory
 * follows the features. One thread.
 */
final class FeatureCounts {
  private final Range features;
  private final AnalysedTokens corpus;
  private final int buckets;
  final long[] firings; // [features]
  final int[] contexts; // in which each fires
  final double[] sums;
  final double[] squares;
  final float[] maxima;
  final int[] grid; // firings by activation, [features, Grid.BINS]
  final int[] windowGrid; // windows by strongest activation, [features, Grid.BINS]
  final int[] positions; // firings by bucket of position, [features, buckets]

  private final int[] lastContexts; // where each fired last
  private final int[] lastWindows;
  private final float[] windowPeaks;

  FeatureCounts(Range features, AnalysedTokens corpus) {
    this.features = features;
    this.corpus = corpus;
    this.buckets = corpus.buckets();
    int n = features.size();
    firings = new long[n];
    contexts = new int[n];
    sums = new double[n];
    squares = new double[n];
    maxima = new float[n];
    grid = new int[n * Grid.BINS];
    windowGrid = new int[n * Grid.BINS];
    positions = new int[n * buckets];
    lastContexts = new int[n];
    lastWindows = new int[n];
    windowPeaks = new float[n];
    Arrays.fill(lastContexts, -1);
    Arrays.fill(lastWindows, -1);
  }

  void add(TokenColumns tokens, CodeRows codes) {
    for (int t = 0; t < tokens.size(); t++) {
      int context = tokens.contexts()[t];
      int window = corpus.window(context, tokens.positions()[t]);
      int bucket = AnalysedTokens.bucket(tokens.positions()[t]);
      int end = codes.starts()[t + 1];
      for (int i = first(codes, t, features.from()); i < end; i++) {
        int f = codes.features()[i] - features.from();
        if (f >= firings.length) {
          break;
        }
        add(f, codes.values()[i], context, window, bucket);
      }
    }
  }

  /** The first activation of a token whose feature is {@code from} or a later one. */
  static int first(CodeRows codes, int token, int from) {
    int low = codes.starts()[token];
    int high = codes.starts()[token + 1];
    while (from > 0 && low < high) {
      int middle = (low + high) >>> 1;
      if (codes.features()[middle] < from) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private void add(int f, float value, int context, int window, int bucket) {
    firings[f]++;
    sums[f] += value;
    squares[f] += (double) value * value;
    maxima[f] = Math.max(maxima[f], value);
    grid[f * Grid.BINS + Grid.bin(value)]++;
    positions[f * buckets + bucket]++;
    if (lastContexts[f] != context) {
      lastContexts[f] = context;
      contexts[f]++;
    }
    if (lastWindows[f] != window) {
      endWindow(f);
      lastWindows[f] = window;
      windowPeaks[f] = value;
    } else {
      windowPeaks[f] = Math.max(windowPeaks[f], value);
    }
  }

  private void endWindow(int f) {
    if (lastWindows[f] >= 0) {
      windowGrid[f * Grid.BINS + Grid.bin(windowPeaks[f])]++;
    }
  }

  /** Ends the pass. */
  void finish() {
    for (int f = 0; f < firings.length; f++) {
      endWindow(f);
      lastWindows[f] = -1;
    }
  }
}
