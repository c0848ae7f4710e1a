package dev.loupe.analyze;

import dev.loupe.kernel.CodeRows;
import dev.loupe.kernel.Range;
import dev.loupe.store.SampleKind;
import dev.loupe.store.SampleRow;
import dev.loupe.store.WindowRow;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The third pass over the codes, for a range of features: their activations in the windows of their
 * samples and the two windows around each. One thread.
 */
final class SampleActivations {
  private final Range features;
  private final AnalysedTokens corpus;
  private final SampleChoice.Sample[] samples; // of all features of the range, by feature
  private final int[] featureOf; // of each sample
  private final int[] byPlace; // samples of each feature by the start of their text
  private final int[] starts; // of each feature in byPlace // [features + 1]
  private final long[] froms; // of each sample, first place of its text
  private final long[] tos; // last place of it
  private final int[] next; // [features], first sample in byPlace that has not ended

  private int[] owners = new int[1 << 14]; // activations found: of which sample
  private int[] positions = new int[1 << 14];
  private float[] values = new float[1 << 14];
  private int size;

  /** Takes the samples of each feature of the range. */
  SampleActivations(
      Range features, AnalysedTokens corpus, List<List<SampleChoice.Sample>> samplesByFeature) {
    this.features = features;
    this.corpus = corpus;
    samples = samplesByFeature.stream().flatMap(List::stream).toArray(SampleChoice.Sample[]::new);
    featureOf = new int[samples.length];
    froms = new long[samples.length];
    tos = new long[samples.length];
    starts = new int[features.size() + 1];
    Integer[] order = new Integer[samples.length];
    int at = 0;
    for (int f = 0; f < features.size(); f++) {
      for (SampleChoice.Sample sample : samplesByFeature.get(f)) {
        featureOf[at] = f;
        froms[at] = from(sample.place());
        tos[at] = to(sample.place());
        order[at] = at;
        at++;
      }
      starts[f + 1] = at;
      Arrays.sort(order, starts[f], at, Comparator.comparingLong(s -> froms[s]));
    }
    byPlace = Arrays.stream(order).mapToInt(s -> s).toArray();
    next = Arrays.copyOf(starts, features.size());
  }

  /** The first place of the window before. */
  private static long from(long place) {
    int block = Place.block(Place.position(place));
    return Place.of(Place.context(place), Math.max(1, (block - 1) * WindowRow.TOKENS));
  }

  /** The last place that the window after can have. */
  private static long to(long place) {
    int block = Place.block(Place.position(place));
    return Place.of(Place.context(place), (block + 2) * WindowRow.TOKENS - 1);
  }

  void add(TokenColumns tokens, CodeRows codes) {
    for (int t = 0; t < tokens.size(); t++) {
      long place = Place.of(tokens.contexts()[t], tokens.positions()[t]);
      int end = codes.starts()[t + 1];
      for (int i = FeatureCounts.first(codes, t, features.from()); i < end; i++) {
        int f = codes.features()[i] - features.from();
        if (f >= next.length) {
          break;
        }
        see(f, codes.values()[i], place);
      }
    }
  }

  private void see(int f, float value, long place) {
    while (next[f] < starts[f + 1] && tos[byPlace[next[f]]] < place) {
      next[f]++;
    }
    for (int s = next[f]; s < starts[f + 1] && froms[byPlace[s]] <= place; s++) {
      if (size == owners.length) {
        owners = Arrays.copyOf(owners, size * 2);
        positions = Arrays.copyOf(positions, size * 2);
        values = Arrays.copyOf(values, size * 2);
      }
      owners[size] = byPlace[s];
      positions[size] = Place.position(place);
      values[size++] = value;
    }
  }

  /** The samples as rows, by feature, kind, band and rank. */
  SampleRow[] rows() {
    int[] first = new int[samples.length + 1];
    for (int i = 0; i < size; i++) {
      first[owners[i] + 1]++;
    }
    for (int s = 0; s < samples.length; s++) {
      first[s + 1] += first[s];
    }
    int[] at = first.clone();
    int[] sortedPositions = new int[size];
    float[] sortedValues = new float[size];
    for (int i = 0; i < size; i++) {
      int place = at[owners[i]]++;
      sortedPositions[place] = positions[i];
      sortedValues[place] = values[i];
    }
    SampleRow[] rows = new SampleRow[samples.length];
    for (int s = 0; s < samples.length; s++) {
      rows[s] =
          row(
              s,
              Arrays.copyOfRange(sortedPositions, first[s], first[s + 1]),
              Arrays.copyOfRange(sortedValues, first[s], first[s + 1]));
    }
    return rows;
  }

  private SampleRow row(int s, int[] found, float[] activations) {
    SampleChoice.Sample sample = samples[s];
    int context = Place.context(sample.place());
    int position = Place.position(sample.place());
    float value = sample.value();
    if (sample.kind() == SampleKind.RANDOM) {
      int block = Place.block(position);
      for (int i = 0; i < found.length; i++) {
        if (Place.block(found[i]) == block && activations[i] > value) {
          position = found[i];
          value = activations[i];
        }
      }
    }
    return new SampleRow(
        features.from() + featureOf[s],
        sample.kind(),
        sample.band(),
        sample.rank(),
        corpus.window(context, position),
        position,
        value,
        found,
        activations,
        sample.duplicates());
  }
}
