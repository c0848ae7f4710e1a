package dev.loupe.analyze;

import dev.loupe.store.SampleKind;
import dev.loupe.tensor.SeededRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which windows become samples of a feature whose maximum and bands are known. Its strength in a
 * window is its largest activation there. Everything is chosen by strength or by a hash of seed,
 * feature and window, so that it depends neither on how the corpus was cut nor on what else was
 * drawn. To be used again for another feature. One thread.
 */
final class SampleChoice {
  static final int TOP = 20;
  static final int BAND = 5;
  static final int RANDOM = 20;
  static final int NEAR_MISS = 20;
  static final int NEIGHBOUR = 20;
  static final float NEAR_MISS_SHARE = 0.3f;

  /** Places that are kept for each that is wanted, so that near-duplicates can be folded. */
  static final int SPARE = 2;

  private final AnalysedTokens corpus;
  private final SeededRandom random;
  private final Pool top = new Pool(SPARE * TOP);
  private final List<Pool> bands =
      IntStream.range(0, Bands.COUNT).mapToObj(_ -> new Pool(SPARE * BAND)).toList();
  private final Pool near = new Pool(SPARE * NEAR_MISS);
  private final Pool neighbour = new Pool(SPARE * NEIGHBOUR);
  private long key; // of the feature
  private float maximum;
  private byte[] bandOf = {}; // of each bin of the grid

  SampleChoice(AnalysedTokens corpus, long seed) {
    this.corpus = corpus;
    this.random = new SeededRandom(seed, "samples");
  }

  /**
   * Begins with another feature.
   *
   * @param newBandOf band of each bin of the grid
   */
  void begin(int feature, float newMaximum, byte[] newBandOf) {
    top.clear();
    bands.forEach(Pool::clear);
    near.clear();
    neighbour.clear();
    key = random.bits(feature);
    maximum = newMaximum;
    bandOf = newBandOf;
  }

  void add(Firings all) {
    for (int w = 0; w < all.windows(); ) {
      int end = all.contextEnd(w);
      int best = all.peak(w, end);
      if (top.mayTakeLarge(all.value(best))) {
        top.offer(
            Pool.largestFirst(all.value(best), hash(all, best)), all.place(best), all.value(best));
      }
      for (; w < end; w++) {
        addWindow(all, all.peak(w));
      }
    }
  }

  private void addWindow(Firings all, int peak) {
    float value = all.value(peak);
    long hash = hash(all, peak);
    bands.get(bandOf[Grid.bin(value)]).offer(Pool.byHash(hash), all.place(peak), value);
    if (value < NEAR_MISS_SHARE * maximum && near.mayTakeLarge(value)) {
      near.offer(Pool.largestFirst(value, hash), all.place(peak), value);
    }
  }

  /** Takes the windows in which the neighbour fires and the feature does not. */
  void addNeighbour(Firings own, Firings others) {
    int at = 0;
    for (int w = 0; w < others.windows(); w++) {
      int peak = others.peak(w);
      long window = Place.window(others.place(peak));
      while (at < own.windows() && Place.window(own.place(own.peak(at))) < window) {
        at++;
      }
      if (at == own.windows() || Place.window(own.place(own.peak(at))) != window) {
        neighbour.offer(Pool.byHash(hash(others, peak)), others.place(peak), others.value(peak));
      }
    }
  }

  /** A hash of seed, feature and window. */
  private long hash(Firings all, int peak) {
    return random.bits(corpus.windowKey(all.context(peak), all.position(peak)) ^ key);
  }

  /** The samples, near-duplicates folded, by kind, band and rank. */
  List<Sample> samples(NearDuplicates duplicates, RandomWindows anywhere) {
    List<Sample> samples = new ArrayList<>();
    add(samples, SampleKind.TOP, -1, duplicates.fold(top.sorted(), TOP));
    for (int band = 0; band < Bands.COUNT; band++) {
      add(samples, SampleKind.BAND, band, duplicates.fold(bands.get(band).sorted(), BAND));
    }
    add(samples, SampleKind.RANDOM, -1, anywhere.choose(key, RANDOM));
    add(samples, SampleKind.NEAR_MISS, -1, duplicates.fold(near.sorted(), NEAR_MISS));
    add(samples, SampleKind.NEIGHBOUR, -1, duplicates.fold(neighbour.sorted(), NEIGHBOUR));
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
  record Sample(SampleKind kind, int band, int rank, long place, float value, int duplicates) {}
}
