package dev.loupe.exchange;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.store.FeatureRow;
import dev.loupe.store.FeatureStore;
import dev.loupe.store.FeatureStoreWriter;
import dev.loupe.store.HistogramRow;
import dev.loupe.store.LogitsRow;
import dev.loupe.store.NeighboursRow;
import dev.loupe.store.SampleKind;
import dev.loupe.store.SampleRow;
import dev.loupe.store.StoreSummary;
import dev.loupe.store.WindowFile;
import dev.loupe.store.WindowRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A feature store made by hand: four features, of which 1 is dead; two contexts, of three windows
 * with three tokens each and of one window.
 */
final class SmallStore {
  static final DictionaryName NAME = DictionaryName.parse("L2R-2x-k3");
  static final int FEATURES = 4;
  static final int DEAD = 1;
  static final long TOKENS = 1_000;

  private static final float MAXIMUM = 7.5f;
  private static final float[] NO_FLOATS = {};

  private SmallStore() {}

  static FeatureStore open(Path folder) throws IOException {
    Path working = Files.createDirectories(folder.resolve("working"));
    Path store = Files.createDirectories(folder.resolve("store"));
    Path windows = working.resolve("windows.parquet");
    writeWindows(windows);
    try (FeatureStoreWriter writer = FeatureStoreWriter.open(working, store)) {
      for (int feature = 0; feature < FEATURES; feature++) {
        add(writer, feature);
      }
      writer.finish(new int[] {0, 1, 2, 3}, windows, summary());
    }
    return FeatureStore.open(store);
  }

  private static void writeWindows(Path file) {
    try (WindowFile out = WindowFile.create(file)) {
      out.addText(window(0, 0, 1, "The whale came", 3, 9, 14));
      out.addText(window(1, 0, 4, " up to\n", 17, 20, 21));
      // é as two tokens of one byte each
      out.addText(window(2, 0, 7, "\"é\"", 22, 23, 23, 24));
      out.addText(window(3, 1, 1, "A \uD83D\uDC0B.", 1, 3, 4));
      out.addLosses(0, new float[] {1, 2, 3});
      out.addLosses(1, new float[] {4, 0.5f, 0.25f});
      out.addLosses(2, new float[] {1, 1, 1, Float.NaN});
      out.addLosses(3, new float[] {1, 1, Float.NaN});
      out.finish();
    }
  }

  private static WindowRow window(int window, int context, int first, String text, int... ends) {
    int length = text.codePointCount(0, text.length());
    int[] starts = new int[ends.length];
    int last = ends[ends.length - 1];
    for (int i = 0; i < ends.length; i++) {
      starts[i] = i == 0 ? last - length : ends[i] == ends[i - 1] ? ends[i] - 1 : ends[i - 1];
    }
    int[] ids = IntStream.range(0, ends.length).map(i -> 100 * window + i).toArray();
    return new WindowRow(
        window,
        context,
        first,
        "books",
        "a.jsonl",
        7 + context,
        "{}",
        text,
        ids,
        starts,
        ends,
        NO_FLOATS);
  }

  private static void add(FeatureStoreWriter writer, int feature) {
    boolean dead = feature == DEAD;
    writer.add(row(feature, dead));
    int[] linear = new int[HistogramRow.LINEAR_BINS];
    int[] log = new int[HistogramRow.LOG_BINS];
    if (!dead) {
      linear[0] = 7;
      linear[49] = 3;
      log[40] = 2; // 1 to 1.09
      log[48] = 5; // 2 to 2.18
      log[63] = 3; // 7.34 to 8
    }
    writer.add(new HistogramRow(feature, dead ? NO_FLOATS : logEdges(), log, linear));
    int[] counts = new int[LogitsRow.BINS];
    Arrays.fill(counts, 2);
    writer.add(new LogitsRow(feature, 0, 1, -2, 3, counts, tokens("up", 1), tokens("down", -1)));
    writer.add(
        NeighboursRow.cosines(
            feature,
            NeighboursRow.DECODER,
            NAME.toString(),
            new int[] {3 - feature, DEAD},
            new float[] {0.5f, -0.25f}));
    writer.add(
        NeighboursRow.cosines(
            feature, NeighboursRow.DECODER, "L3R-2x-k3", new int[] {2}, new float[] {0.75f}));
    writer.add(
        NeighboursRow.coactivation(
            feature,
            NAME.toString(),
            dead ? new int[0] : new int[] {2, 3 - feature, 5, 6},
            dead ? NO_FLOATS : new float[] {0.875f, 0.5f, 0.25f, 0.125f},
            dead ? NO_FLOATS : new float[] {4, 3, 2, 1},
            dead ? new int[0] : new int[] {9, 8, 7, 6}));
    if (dead) {
      writer.add(sample(feature, SampleKind.RANDOM, -1, 0, 0, 2, 0));
      return;
    }
    writer.add(sample(feature, SampleKind.TOP, -1, 0, 1, 5, MAXIMUM, 2, 5));
    writer.add(sample(feature, SampleKind.TOP, -1, 1, 3, 2, 6, 2));
    writer.add(sample(feature, SampleKind.BAND, 3, 0, 0, 1, 1.5f, 1));
    writer.add(sample(feature, SampleKind.BAND, 5, 0, 2, 9, 2.5f, 9));
    writer.add(sample(feature, SampleKind.BAND, 7, 0, 1, 5, MAXIMUM, 5));
    writer.add(sample(feature, SampleKind.RANDOM, -1, 0, 0, 2, 0));
    writer.add(sample(feature, SampleKind.NEAR_MISS, -1, 0, 0, 1, 1.5f, 1));
    writer.add(sample(feature, SampleKind.NEIGHBOUR, -1, 0, 3, 3, 2));
  }

  private static FeatureRow row(int feature, boolean dead) {
    float[] bands = {1, 1, 1, 1, 2, 2, 4, 4, MAXIMUM};
    return new FeatureRow(
        feature,
        dead ? 0 : 10,
        new FeatureRow.Interval(dead ? 0 : 0.01, 0, 0.02),
        dead ? 0 : 2,
        dead ? 0 : MAXIMUM,
        dead ? 0 : 3,
        dead ? 0 : 2,
        dead ? NO_FLOATS : new float[FeatureRow.QUANTILES.size()],
        Float.NaN,
        new FeatureRow.TopTokens(new int[0], new String[0], new int[0], NO_FLOATS),
        new int[] {0, 1},
        dead,
        false,
        false,
        Optional.empty(),
        dead ? NO_FLOATS : bands,
        dead ? new int[8] : new int[] {0, 0, 0, 2, 0, 3, 0, 2});
  }

  /** Eight bins to an octave, up to 8. */
  private static float[] logEdges() {
    float[] edges = new float[HistogramRow.LOG_BINS + 1];
    for (int i = 0; i < edges.length; i++) {
      edges[i] = (float) (8 * Math.pow(2, (i - HistogramRow.LOG_BINS) / 8.0));
    }
    return edges;
  }

  private static LogitsRow.Tokens tokens(String text, int sign) {
    int count = 12;
    String[] texts = new String[count];
    Arrays.setAll(texts, i -> text + i);
    float[] logits = new float[count];
    for (int i = 0; i < count; i++) {
      logits[i] = sign * (3 - 0.125f * i);
    }
    return new LogitsRow.Tokens(IntStream.range(0, count).toArray(), texts, logits, logits);
  }

  /** A sample that fires with its own activation at its peak, with 1 elsewhere. */
  private static SampleRow sample(
      int feature,
      SampleKind kind,
      int band,
      int rank,
      int window,
      int position,
      float activation,
      int... positions) {
    float[] activations = new float[positions.length];
    for (int i = 0; i < positions.length; i++) {
      activations[i] = positions[i] == position ? activation : 1;
    }
    return new SampleRow(
        feature, kind, band, rank, window, position, activation, positions, activations, 0);
  }

  private static StoreSummary summary() {
    return new StoreSummary(
        StoreSummary.FORMAT,
        NAME,
        "ab12",
        "tiny",
        "00",
        List.of("books", "wordnet"),
        "00",
        "held-out",
        16,
        0,
        TOKENS,
        2,
        2,
        List.of(2L, 4L),
        FEATURES,
        1,
        0,
        0,
        0.03,
        Optional.empty());
  }
}
