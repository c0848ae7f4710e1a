package dev.loupe.interpret;

import dev.loupe.store.FeatureRow;
import dev.loupe.store.HistogramRow;
import dev.loupe.store.LogitsRow;
import dev.loupe.store.SampleKind;
import dev.loupe.store.SampleRow;
import dev.loupe.store.SampleText;
import dev.loupe.store.StoredFeature;
import dev.loupe.store.WindowRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/** Features that fire by a known rule on made-up text, each with the samples that a store has. */
final class Planted {
  static final float MAXIMUM = 10;
  private static final int DOCUMENTS = 1_000;

  /** On which words of a passage a feature fires. */
  interface Firing {
    boolean on(List<String> words, int i);
  }

  private final Random random;
  private final List<String> vocabulary;
  private final int length;

  /**
   * Passages of 24 words.
   *
   * @param vocabulary words of the passages
   */
  Planted(long seed, List<String> vocabulary) {
    this(seed, vocabulary, 24);
  }

  /**
   * Passages of as many words as one likes, above 5.
   *
   * @param vocabulary words of the passages
   */
  Planted(long seed, List<String> vocabulary, int length) {
    this.random = new Random(seed);
    this.vocabulary = List.copyOf(vocabulary);
    this.length = length;
  }

  /**
   * A feature.
   *
   * @param own words of passages in which it fires, one of which is put in if the rule needs it
   */
  StoredFeature feature(int number, Firing firing, List<String> own) {
    List<SampleText> samples = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      samples.add(active(number, SampleKind.TOP, -1, i, MAXIMUM - i * 0.01f, firing, own));
    }
    for (int band = 0; band < 8; band++) {
      for (int i = 0; i < 5; i++) {
        samples.add(active(number, SampleKind.BAND, band, i, 2 + band, firing, own));
      }
    }
    for (SampleKind kind : List.of(SampleKind.RANDOM, SampleKind.NEAR_MISS, SampleKind.NEIGHBOUR)) {
      for (int i = 0; i < 20; i++) {
        samples.add(silent(number, kind, i, firing));
      }
    }
    return new StoredFeature(
        row(number, new float[9], new int[8]),
        new HistogramRow(number, new float[0], new int[0], new int[0]),
        new LogitsRow(number, 0, 1, -1, 1, new int[0], tokens(own), tokens(vocabulary)),
        List.of(),
        samples);
  }

  private SampleText active(
      int feature,
      SampleKind kind,
      int band,
      int rank,
      float activation,
      Firing firing,
      List<String> own) {
    while (true) {
      List<String> words = passage(own);
      int[] fires = IntStream.range(0, words.size()).filter(i -> firing.on(words, i)).toArray();
      if (fires.length > 0) {
        float[] activations = new float[fires.length];
        Arrays.fill(activations, activation);
        return text(feature, kind, band, rank, words, fires[0], activation, fires, activations);
      }
    }
  }

  private SampleText silent(int feature, SampleKind kind, int rank, Firing firing) {
    while (true) {
      List<String> words = passage(vocabulary);
      if (IntStream.range(0, words.size()).noneMatch(i -> firing.on(words, i))) {
        return text(feature, kind, -1, rank, words, 5, 0, new int[0], new float[0]);
      }
    }
  }

  private List<String> passage(List<String> own) {
    List<String> words = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      List<String> from = random.nextInt(4) == 0 ? own : vocabulary;
      words.add(from.get(random.nextInt(from.size())));
    }
    return words;
  }

  private SampleText text(
      int feature,
      SampleKind kind,
      int band,
      int rank,
      List<String> words,
      int peak,
      float activation,
      int[] positions,
      float[] activations) {
    int[] starts = new int[words.size()];
    int[] ends = new int[words.size()];
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < words.size(); i++) {
      starts[i] = all.length();
      all.append(' ').append(words.get(i));
      ends[i] = all.length();
    }
    int window = random.nextInt(Integer.MAX_VALUE);
    int[] inContext = Arrays.stream(positions).map(p -> p + 1).toArray();
    SampleRow row =
        new SampleRow(
            feature, kind, band, rank, window, peak + 1, activation, inContext, activations, 0);
    WindowRow from =
        new WindowRow(
            window,
            window,
            1,
            "made",
            "made.jsonl",
            random.nextInt(DOCUMENTS),
            "{}",
            all.toString(),
            new int[words.size()],
            starts,
            ends,
            new float[words.size()]);
    return SampleText.of(row, Map.of(window, from));
  }

  /** A feature that fires now and then, up to {@link #MAXIMUM}. */
  static FeatureRow row(int feature, float[] bandEdges, int[] bandWindows) {
    return new FeatureRow(
        feature,
        100,
        new FeatureRow.Interval(0.01, 0, 0.02),
        50,
        MAXIMUM,
        5,
        2,
        new float[FeatureRow.QUANTILES.size()],
        0.5f,
        new FeatureRow.TopTokens(new int[] {1}, new String[] {"x"}, new int[] {1}, new float[] {1}),
        new int[0],
        false,
        false,
        false,
        Optional.empty(),
        bandEdges,
        bandWindows);
  }

  private static LogitsRow.Tokens tokens(List<String> words) {
    return new LogitsRow.Tokens(
        new int[words.size()],
        words.toArray(String[]::new),
        new float[words.size()],
        new float[words.size()]);
  }
}
