package dev.loupe.analyze;

import dev.loupe.store.SampleKind;
import dev.loupe.store.SampleRow;
import dev.loupe.store.WindowRow;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The activations of a feature in the windows of its samples and the two windows around each. One
 * thread.
 */
final class SampleActivations {
  private final int feature;
  private final AnalysedTokens corpus;
  private final List<SampleChoice.Sample> samples;
  private final int[] byPlace; // samples by the start of their text
  private final Found[] found; // of each sample
  private int next; // first in byPlace whose text has not ended

  SampleActivations(int feature, AnalysedTokens corpus, List<SampleChoice.Sample> samples) {
    this.feature = feature;
    this.corpus = corpus;
    this.samples = samples;
    this.found = samples.stream().map(sample -> new Found(sample.place())).toArray(Found[]::new);
    long[] order = new long[found.length];
    Arrays.setAll(order, s -> found[s].from);
    this.byPlace =
        IntStream.range(0, found.length)
            .boxed()
            .sorted((s, t) -> Long.compare(order[s], order[t]))
            .mapToInt(s -> s)
            .toArray();
  }

  void add(Firings all) {
    for (int i = 0; i < all.size(); i++) {
      long place = all.place(i);
      while (next < byPlace.length && found[byPlace[next]].to < place) {
        next++;
      }
      for (int s = next; s < byPlace.length && found[byPlace[s]].from <= place; s++) {
        found[byPlace[s]].add(all.position(i), all.value(i));
      }
    }
  }

  /** The samples as rows, by kind, band and rank. */
  List<SampleRow> rows() {
    return IntStream.range(0, found.length).mapToObj(s -> row(samples.get(s), found[s])).toList();
  }

  private SampleRow row(SampleChoice.Sample sample, Found in) {
    int context = Place.context(sample.place());
    int position = Place.position(sample.place());
    float value = sample.value();
    if (sample.kind() == SampleKind.RANDOM) { // chosen without regard to its peak
      int block = Place.block(position);
      for (int i = 0; i < in.size; i++) {
        if (Place.block(in.positions[i]) == block && in.values[i] > value) {
          position = in.positions[i];
          value = in.values[i];
        }
      }
    }
    return new SampleRow(
        feature,
        sample.kind(),
        sample.band(),
        sample.rank(),
        corpus.window(context, position),
        position,
        value,
        Arrays.copyOf(in.positions, in.size),
        Arrays.copyOf(in.values, in.size),
        sample.duplicates());
  }

  /** What was found in the text of a sample. */
  private static final class Found {
    private final long from; // first place of the window before
    private final long to; // last place that the window after can have
    private int[] positions = new int[4];
    private float[] values = new float[4];
    private int size;

    Found(long place) {
      int context = Place.context(place);
      int block = Place.block(Place.position(place));
      from = Place.of(context, Math.max(1, (block - 1) * WindowRow.TOKENS));
      to = Place.of(context, (block + 2) * WindowRow.TOKENS - 1);
    }

    void add(int position, float value) {
      if (size == positions.length) {
        positions = Arrays.copyOf(positions, 2 * size);
        values = Arrays.copyOf(values, 2 * size);
      }
      positions[size] = position;
      values[size++] = value;
    }
  }
}
