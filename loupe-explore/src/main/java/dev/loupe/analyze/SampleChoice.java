package dev.loupe.analyze;

import dev.loupe.kernel.CodeRows;
import dev.loupe.kernel.Range;
import dev.loupe.store.HistogramRow;
import dev.loupe.store.SampleKind;
import dev.loupe.tensor.SeededRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The second pass over the codes, for a range of features whose maxima and bands are known: which
 * windows become samples, and the linear histogram. A feature's strength in a window is its largest
 * activation there. Everything is chosen by strength or by a hash of seed, feature and window, so
 * that it depends neither on how the corpus was cut nor on what else was drawn. One thread.
 */
final class SampleChoice {
  static final int TOP = 20;
  static final int BAND = 5;
  static final int RANDOM = 20;
  static final int NEAR_MISS = 20;
  static final int NEIGHBOUR = 20;
  static final float NEAR_MISS_SHARE = 0.3f;

  /** Places that are kept for each that is wanted, so that near-duplicates can be folded. */
  private static final int SPARE = 2;

  private final Range features;
  private final AnalysedTokens corpus;
  private final FeatureCounts counts;
  private final byte[][] bands; // [features][Grid.BINS]
  private final int[] linear; // [features, LINEAR_BINS]
  private final long[] featureKeys; // [features]
  private final SeededRandom random;

  private final Pools top;
  private final Pools banded; // of feature f and band b at f · 8 + b
  private final Pools near;
  private final Pools neighbour;

  // each feature's last window and last context with a firing: where it was strongest
  private final int[] windows;
  private final long[] hashes;
  private final Peaks inWindow;
  private final int[] contexts;
  private final long[] contextHashes;
  private final Peaks inContext;

  // the windows of neighbours: features g of the dictionary that are some feature's nearest
  private final int[] firstOf; // [F], head of a list of features of the range, or -1
  private final int[] nextOf; // [features]
  private final Peaks neighbourPeaks; // [F]
  private final int[] neighbourWindows; // [F]
  private final int[] active; // neighbours that fire in the current window
  private int activeCount;
  private int window = -1;
  private long windowKey;

  /**
   * @param nearest for each feature of the range its nearest neighbour, -1 where there is none
   * @param all F
   */
  SampleChoice(
      Range features,
      AnalysedTokens corpus,
      FeatureCounts counts,
      byte[][] bands,
      int[] nearest,
      int all,
      long seed) {
    this.features = features;
    this.corpus = corpus;
    this.counts = counts;
    this.bands = bands;
    this.random = new SeededRandom(seed, "samples");
    int n = features.size();
    linear = new int[n * HistogramRow.LINEAR_BINS];
    featureKeys = new long[n];
    Arrays.setAll(featureKeys, f -> random.bits(features.from() + f));
    top = new Pools(n, SPARE * TOP);
    banded = new Pools(n * Bands.COUNT, SPARE * BAND);
    near = new Pools(n, SPARE * NEAR_MISS);
    neighbour = new Pools(n, SPARE * NEIGHBOUR);
    windows = filled(n);
    hashes = new long[n];
    inWindow = new Peaks(n);
    contexts = filled(n);
    contextHashes = new long[n];
    inContext = new Peaks(n);
    firstOf = filled(all);
    nextOf = filled(n);
    neighbourPeaks = new Peaks(all);
    neighbourWindows = filled(all);
    active = new int[all];
    for (int f = n - 1; f >= 0; f--) {
      if (nearest[f] >= 0) {
        nextOf[f] = firstOf[nearest[f]];
        firstOf[nearest[f]] = f;
      }
    }
  }

  private static int[] filled(int size) {
    int[] filled = new int[size];
    Arrays.fill(filled, -1);
    return filled;
  }

  /** Values with the places they are at. */
  private record Peaks(float[] values, long[] places) {
    Peaks(int size) {
      this(new float[size], new long[size]);
    }

    void set(int i, float value, long place) {
      values[i] = value;
      places[i] = place;
    }

    void raise(int i, float value, long place) {
      if (value > values[i]) {
        set(i, value, place);
      }
    }
  }

  void add(TokenColumns tokens, CodeRows codes) {
    for (int t = 0; t < tokens.size(); t++) {
      int context = tokens.contexts()[t];
      int position = tokens.positions()[t];
      long place = Place.of(context, position);
      int now = corpus.window(context, position);
      if (now != window) {
        endNeighbours();
        window = now;
        windowKey = corpus.windowKey(context, position);
      }
      for (int i = codes.starts()[t]; i < codes.starts()[t + 1]; i++) {
        int feature = codes.features()[i];
        float value = codes.values()[i];
        if (firstOf[feature] >= 0) {
          seeNeighbour(feature, value, place);
        }
        int f = feature - features.from();
        if (f >= 0 && f < windows.length) {
          see(f, value, context, place);
        }
      }
    }
  }

  private void see(int f, float value, int context, long place) {
    int bin = (int) (value / counts.maxima[f] * HistogramRow.LINEAR_BINS);
    linear[f * HistogramRow.LINEAR_BINS + Math.min(bin, HistogramRow.LINEAR_BINS - 1)]++;
    if (windows[f] != window) {
      endWindow(f);
      if (contexts[f] != context) {
        endContext(f);
        contexts[f] = context;
      }
      windows[f] = window;
      hashes[f] = random.bits(windowKey ^ featureKeys[f]);
      inWindow.set(f, value, place);
    } else {
      inWindow.raise(f, value, place);
    }
  }

  private void endWindow(int f) {
    if (windows[f] < 0) {
      return;
    }
    float value = inWindow.values[f];
    long place = inWindow.places[f];
    int band = bands[f][Grid.bin(value)];
    banded.offer(f * Bands.COUNT + band, Pools.byHash(hashes[f]), place, value);
    if (value < NEAR_MISS_SHARE * counts.maxima[f]) {
      near.offer(f, Pools.largestFirst(value, hashes[f]), place, value);
    }
    if (value > inContext.values[f]) {
      inContext.set(f, value, place);
      contextHashes[f] = hashes[f];
    }
  }

  private void endContext(int f) {
    if (contexts[f] >= 0) {
      float value = inContext.values[f];
      top.offer(f, Pools.largestFirst(value, contextHashes[f]), inContext.places[f], value);
      inContext.values[f] = 0;
    }
  }

  private void seeNeighbour(int feature, float value, long place) {
    if (neighbourWindows[feature] != window) {
      neighbourWindows[feature] = window;
      active[activeCount++] = feature;
      neighbourPeaks.set(feature, value, place);
    } else {
      neighbourPeaks.raise(feature, value, place);
    }
  }

  /** Of the neighbours that fired in the window: whose features stayed silent in it. */
  private void endNeighbours() {
    for (int i = 0; i < activeCount; i++) {
      int g = active[i];
      for (int f = firstOf[g]; f >= 0; f = nextOf[f]) {
        if (windows[f] != window) {
          long hash = random.bits(windowKey ^ featureKeys[f]);
          neighbour.offer(
              f, Pools.byHash(hash), neighbourPeaks.places[g], neighbourPeaks.values[g]);
        }
      }
    }
    activeCount = 0;
  }

  /** Ends the pass. */
  void finish() {
    endNeighbours();
    for (int f = 0; f < windows.length; f++) {
      endWindow(f);
      endContext(f);
    }
  }

  int[] linear(int f) {
    int from = f * HistogramRow.LINEAR_BINS;
    return Arrays.copyOfRange(linear, from, from + HistogramRow.LINEAR_BINS);
  }

  /** The samples of a feature of the range, near-duplicates folded, by kind, band and rank. */
  List<Sample> samples(int f, NearDuplicates duplicates, RandomWindows anywhere) {
    List<Sample> samples = new ArrayList<>();
    add(samples, SampleKind.TOP, -1, duplicates.fold(top.sorted(f), TOP));
    for (int band = 0; band < Bands.COUNT; band++) {
      Pools.Entry[] entries = banded.sorted(f * Bands.COUNT + band);
      add(samples, SampleKind.BAND, band, duplicates.fold(entries, BAND));
    }
    add(samples, SampleKind.RANDOM, -1, anywhere.choose(featureKeys[f], RANDOM));
    add(samples, SampleKind.NEAR_MISS, -1, duplicates.fold(near.sorted(f), NEAR_MISS));
    add(samples, SampleKind.NEIGHBOUR, -1, duplicates.fold(neighbour.sorted(f), NEIGHBOUR));
    return samples;
  }

  private static void add(
      List<Sample> samples, SampleKind kind, int band, List<NearDuplicates.Kept> kept) {
    for (int rank = 0; rank < kept.size(); rank++) {
      NearDuplicates.Kept each = kept.get(rank);
      samples.add(new Sample(kind, band, rank, each.place(), each.value(), each.duplicates()));
    }
  }

  /**
   * A place that became a sample.
   *
   * @param place of the peak
   * @param value there
   */
  record Sample(
      SampleKind kind, int band, int rank, long place, float value, int duplicates) {}
}
