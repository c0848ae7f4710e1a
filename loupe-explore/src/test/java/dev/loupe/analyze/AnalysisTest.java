package dev.loupe.analyze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.activation.Activations;
import dev.loupe.activation.Capturing;
import dev.loupe.activation.CorpusContexts;
import dev.loupe.dictionary.Codes;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import dev.loupe.files.Json;
import dev.loupe.model.Hook;
import dev.loupe.model.Llama;
import dev.loupe.model.ModelFolder;
import dev.loupe.store.FeatureRow;
import dev.loupe.store.FeatureStore;
import dev.loupe.store.HistogramRow;
import dev.loupe.store.LogitsRow;
import dev.loupe.store.NeighboursRow;
import dev.loupe.store.Rounded;
import dev.loupe.store.SampleKind;
import dev.loupe.store.SampleRow;
import dev.loupe.store.SampleText;
import dev.loupe.store.StoreSummary;
import dev.loupe.store.WindowRow;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.SeededRandom;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.DemoSample;
import dev.loupe.text.Document;
import dev.loupe.text.DocumentReader;
import dev.loupe.text.DocumentReference;
import dev.loupe.text.LongDocuments;
import dev.loupe.text.Progress;
import dev.loupe.text.Split;
import dev.loupe.text.TokenBatch;
import dev.loupe.text.TokenCorpus;
import dev.loupe.text.TokenRequest;
import dev.loupe.text.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every number of a store against the same definition over a dense matrix, which shares no code
 * with the analysis but the hash of a window.
 */
@ExtendWith(LeakCheck.class)
final class AnalysisTest {
  private static final long TOKENS = 40_000;
  private static final String CORPUS = DemoSample.mixed(0.2);
  private static final int FEATURES = 256;
  private static final long SEED = 3;
  private static final double HALF_BITS = 0x1p-11; // relative, of stored samples

  @TempDir private static Path shared;
  private static Suite suite;
  private static DenseCodes dense;
  private static FeatureStore store;
  private static Tokenizer tokenizer;
  private static TokenCorpus corpus;

  @BeforeAll
  static void analyse() {
    suite = TestSuite.train(shared.resolve("suite"));
    Path out = shared.resolve("features");
    AnalysisSetup setup = TestSuite.setup(suite, out, CORPUS, TOKENS);
    Path codes = shared.resolve("codes");
    Analysis.run(setup, keeping(out.resolve(".analysis"), codes), () -> false);
    tokenizer = Tokenizer.load(ModelFolder.resolve("demo").directory());
    corpus = openCorpus(4_096);
    String name = TestSuite.MAIN.toString();
    dense = DenseCodes.read(codes, pieces(codes), name, FEATURES);
    store = FeatureStore.open(out.resolve(name));
  }

  @AfterAll
  static void close() {
    store.close();
    corpus.close();
    tokenizer.close();
  }

  /** Copies the codes before they are removed. */
  private static Progress keeping(Path working, Path codes) {
    return (what, done, total) -> {
      if (what.startsWith("analysing") && done == 0) {
        try (Stream<Path> files = Files.list(working)) {
          Files.createDirectories(codes);
          for (Path file : files.filter(f -> f.toString().endsWith("safetensors")).toList()) {
            Files.copy(file, codes.resolve(file.getFileName()));
          }
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    };
  }

  private static int pieces(Path codes) {
    try (Stream<Path> files = Files.list(codes)) {
      return (int) files.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The analysed corpus, with batches of another size than the analysis has. */
  private static TokenCorpus openCorpus(int batch) {
    return TokenCorpus.open(
        CorpusSpec.parse(CORPUS),
        tokenizer,
        new TokenRequest(
            Split.HELD_OUT, TOKENS, 1, TestSuite.CONTEXT, LongDocuments.SPLIT, SEED, batch, false),
        Progress.NONE);
  }

  private static Llama model() {
    return Llama.load(ModelFolder.resolve("demo").directory(), DType.F32, Device.CPU);
  }

  @Test
  void codesAndLossesAreThoseOfTheModelAndTheEncoder() {
    Map<Long, Integer> tokenAt = new HashMap<>();
    for (int t = 0; t < dense.tokens; t++) {
      tokenAt.put(Place.of(dense.contexts[t], dense.positions[t]), t);
    }
    assertThat(corpus.countedTokens()).isEqualTo(dense.tokens);
    long same = 0;
    long all = 0;
    try (Llama model = model();
        Dictionary dictionary = suite.dictionary(TestSuite.MAIN)) {
      Hook hook = dictionary.contract().hookIn();
      for (int b = 0; b < 3; b++) {
        TokenBatch batch = corpus.batch(b);
        try (Activations found = Capturing.withLosses(model, batch, Set.of(hook));
            Codes codes = dictionary.encode(found.at(hook))) {
          int[] starts = codes.offsets().ints();
          int[] features = codes.indices().ints();
          float[] values = codes.values().floats();
          for (int i = 0; i < found.tokens(); i++) {
            int t = tokenAt.get(Place.of(found.contexts()[i], found.positions()[i]));
            assertThat(found.ids()[i]).isEqualTo(dense.ids[t]);
            if (Float.isNaN(found.losses()[i])) {
              assertThat(dense.losses[t]).isNaN();
            } else {
              assertThat(dense.losses[t]).isCloseTo(found.losses()[i], within(2e-3f));
            }
            for (int j = starts[i]; j < starts[i + 1]; j++) {
              all++;
              float got = dense.values[features[j]][t];
              same += got > 0 ? 1 : 0;
              if (got > 0) {
                assertThat(got).isCloseTo(values[j], within(1e-3f * Math.max(1, values[j])));
              }
            }
          }
        }
      }
    }
    assertThat(all).isGreaterThan(10_000);
    assertThat(all - same).as("that only one of two batchings fires").isLessThan(all / 2_000);
  }

  @Test
  void lossesAreOfTheNextToken() {
    int context = 5;
    int[] ids = corpus.ids(context);
    try (TensorScope _ = TensorScope.open();
        Llama model = model()) {
      Tensor all = Capturing.ids(corpus.batchOf(context));
      Tensor last = model.forward(all, model.config().layers(), (_, x) -> x);
      Tensor probabilities = Reductions.logSoftmax(model.logits(last), -1); // [1, positions, V]
      float[] p = probabilities.floats();
      int vocabulary = model.config().vocabularySize();
      for (int t = 0; t < dense.tokens; t++) {
        if (dense.contexts[t] == context) {
          int position = dense.positions[t];
          if (position + 1 == ids.length) {
            assertThat(dense.losses[t]).isNaN();
          } else {
            float loss = -p[position * vocabulary + ids[position + 1]];
            assertThat(dense.losses[t]).isCloseTo(loss, within(2e-3f));
          }
        }
      }
    }
  }

  @Test
  void ratesAndSums() {
    int neverFired = 0;
    for (FeatureRow row : store.features("true", "feature", FEATURES)) {
      int f = row.feature();
      int[] firings = dense.firings(f);
      assertThat(row.firings()).isEqualTo(firings.length);
      double p = (double) firings.length / dense.tokens;
      assertThat(row.rate().value()).isCloseTo(p, within(1e-7));
      assertWilson(p, dense.tokens, row.rate());
      double sum = 0;
      double squares = 0;
      float maximum = 0;
      for (int t : firings) {
        sum += dense.values[f][t];
        squares += (double) dense.values[f][t] * dense.values[f][t];
        maximum = Math.max(maximum, dense.values[f][t]);
      }
      assertThat(row.maximum()).isEqualTo(maximum);
      assertThat(row.contexts()).isEqualTo(dense.contextPeaks(f).size());
      assertThat(row.dead()).isEqualTo(firings.length == 0);
      assertThat(row.dense()).isEqualTo(p > 0.1);
      neverFired += row.dead() ? 1 : 0;
      if (firings.length > 0) {
        double mean = sum / firings.length;
        assertThat(row.mean()).isEqualTo((float) mean);
        double variance = Math.max(0, squares / firings.length - mean * mean);
        assertThat(row.deviation()).isCloseTo((float) Math.sqrt(variance), within(1e-5f * maximum));
      }
      int[] positions = new int[row.positionFirings().length];
      for (int t : firings) {
        positions[(int) (Math.log(dense.positions[t]) / Math.log(2) + 1e-9)]++;
      }
      assertThat(row.positionFirings()).isEqualTo(positions);
    }
    assertThat(store.summary().dead()).isEqualTo(neverFired);
    assertThat(store.summary().tokens()).isEqualTo(dense.tokens);
    long all = IntStream.range(0, FEATURES).mapToLong(f -> dense.firings(f).length).sum();
    assertThat(store.summary().l0()).isCloseTo((double) all / dense.tokens, within(1e-12));
    assertThat(store.summary().positionTokens().stream().mapToLong(n -> n).sum())
        .isEqualTo(dense.tokens);
  }

  /** The ends of a Wilson interval are the shares whose own normal interval reaches p. */
  private static void assertWilson(double p, double n, FeatureRow.Interval interval) {
    assertThat(interval.low() == 0).isEqualTo(p == 0);
    for (double end : new double[] {p == 0 ? interval.high() : interval.low(), interval.high()}) {
      double z = Math.abs(p - end) / Math.sqrt(end * (1 - end) / n);
      assertThat(z).isCloseTo(1.959964, within(2e-3));
    }
  }

  @Test
  void histogramsAddUpAndHaveEachFiringInItsBin() {
    for (int f = 0; f < FEATURES; f++) {
      HistogramRow row = store.histogram(f);
      int[] log = new int[64];
      int[] linear = new int[50];
      int[] firings = dense.firings(f);
      float maximum = store.feature(f).maximum();
      for (int t : firings) {
        float value = dense.values[f][t];
        int bin = 0;
        while (bin < 63 && value >= row.logEdges()[bin + 1]) {
          bin++;
        }
        log[bin]++;
        linear[Math.min(49, (int) (value * (50 / maximum)))]++;
      }
      assertThat(row.logCounts()).isEqualTo(log);
      assertThat(row.linearCounts()).isEqualTo(linear);
      assertThat(Arrays.stream(row.logCounts()).sum()).isEqualTo(firings.length);
      if (firings.length > 0) {
        assertThat(row.logEdges()).hasSize(65).isSorted();
        assertThat(row.logEdges()[64] / row.logEdges()[56]).isEqualTo(2); // eight bins an octave
        assertThat(log[63]).as("the last bin has the maximum").isPositive();
      }
    }
  }

  @Test
  void quantilesAreWithinABin() {
    for (FeatureRow row : store.features("firings > 0", "feature", FEATURES)) {
      float[] sorted = new float[(int) row.firings()];
      int[] firings = dense.firings(row.feature());
      for (int i = 0; i < sorted.length; i++) {
        sorted[i] = dense.values[row.feature()][firings[i]];
      }
      Arrays.sort(sorted);
      assertThat(row.quantiles()).hasSize(FeatureRow.QUANTILES.size()).isSorted();
      for (int q = 0; q < row.quantiles().length; q++) {
        double at = FeatureRow.QUANTILES.get(q) * sorted.length;
        float low = sorted[(int) Math.max(0, Math.ceil(at) - 1)];
        assertThat(row.quantiles()[q]).isBetween(low * (1 - 1 / 16f), low * (1 + 1 / 16f));
      }
    }
  }

  @Test
  void tokensAndTheShareTheyExplain() {
    boolean[] b = new boolean[dense.tokens];
    for (int t = 0; t < dense.tokens; t++) {
      DocumentReference d = corpus.document(dense.contexts[t]);
      b[t] = Halves.isInHalfB(d);
    }
    int explained = 0;
    for (FeatureRow row : store.features("firings > 0", "feature", FEATURES)) {
      int f = row.feature();
      Map<Integer, Double> sums = new TreeMap<>();
      Map<Integer, Integer> counts = new TreeMap<>();
      double total = 0;
      for (int t : dense.firings(f)) {
        sums.merge(dense.ids[t], (double) dense.values[f][t], Double::sum);
        counts.merge(dense.ids[t], 1, Integer::sum);
        total += dense.values[f][t];
      }
      FeatureRow.TopTokens tokens = row.tokens();
      assertThat(tokens.ids()).hasSize(Math.min(10, sums.size()));
      double before = Double.POSITIVE_INFINITY;
      double least = Double.POSITIVE_INFINITY;
      for (int i = 0; i < tokens.ids().length; i++) {
        double sum = sums.get(tokens.ids()[i]);
        assertThat(sum).isLessThanOrEqualTo(before * (1 + 1e-6));
        assertThat(tokens.firings()[i]).isEqualTo(counts.get(tokens.ids()[i]));
        assertThat((double) tokens.shares()[i]).isCloseTo(sum / total, within(HALF_BITS));
        assertThat(tokens.texts()[i]).isEqualTo(tokenizer.piece(tokens.ids()[i]));
        before = sum;
        least = sum;
      }
      Set<Integer> listed = new HashSet<>();
      Arrays.stream(tokens.ids()).forEach(listed::add);
      for (Map.Entry<Integer, Double> other : sums.entrySet()) {
        if (!listed.contains(other.getKey())) {
          assertThat(other.getValue()).isLessThanOrEqualTo(least * (1 + 1e-6));
        }
      }
      double top = sums.get(tokens.ids()[0]) / total;
      assertThat(row.singleToken()).isEqualTo(row.firings() >= 10 && top >= 0.9);
      double share = tokenShare(f, b);
      if (Double.isNaN(share)) {
        assertThat(row.tokenShare()).isNaN();
      } else {
        assertThat((double) row.tokenShare())
            .isCloseTo(share, within(1e-6 * (1 + Math.abs(share))));
        explained += share > 0.5 ? 1 : 0;
      }
    }
    assertThat(explained).as("features that the token explains").isPositive();
  }

  /** The definition, over every token. */
  private static double tokenShare(int f, boolean[] inB) {
    int ids = 4_096;
    double[] sums = new double[ids];
    int[] counts = new int[ids];
    double sumA = 0;
    int a = 0;
    double sumB = 0;
    int b = 0;
    for (int t = 0; t < dense.tokens; t++) {
      if (inB[t]) {
        sumB += dense.values[f][t];
        b++;
      } else {
        sums[dense.ids[t]] += dense.values[f][t];
        counts[dense.ids[t]]++;
        sumA += dense.values[f][t];
        a++;
      }
    }
    double residual = 0;
    double total = 0;
    for (int t = 0; t < dense.tokens; t++) {
      if (inB[t]) {
        int id = dense.ids[t];
        double predicted = counts[id] > 0 ? sums[id] / counts[id] : sumA / a;
        residual += Math.pow(dense.values[f][t] - predicted, 2);
        total += Math.pow(dense.values[f][t] - sumB / b, 2);
      }
    }
    return total > 0 ? 1 - residual / total : Double.NaN;
  }

  @Test
  void bandsPartTheWindows() {
    for (FeatureRow row : store.features("firings > 0", "feature", FEATURES)) {
      float[] edges = row.bandEdges();
      assertThat(edges).hasSize(9).isSorted();
      assertThat(edges[8]).isEqualTo(row.maximum());
      int[] counts = new int[8];
      for (int t : dense.windowPeaks(row.feature()).values()) {
        counts[band(edges, dense.values[row.feature()][t])]++;
      }
      assertThat(row.bandWindows()).isEqualTo(counts);
    }
  }

  private static int band(float[] edges, float value) {
    int band = 0;
    for (int b = 1; b < 8; b++) {
      band = value >= edges[b] && edges[b] < edges[8] ? b : band;
    }
    return band;
  }

  @Test
  void samplesAreThoseOfTheDefinitions() {
    int nearMisses = 0;
    int neighbours = 0;
    AnalysedTokens tokens =
        new AnalysedTokens(corpus, CorpusContexts.of(corpus), tokenizer.size(), SEED);
    for (int feature = 0; feature < FEATURES; feature++) {
      int f = feature;
      FeatureRow row = store.feature(f);
      Map<String, List<SampleRow>> samples = new TreeMap<>();
      for (SampleRow sample : store.samples(f)) {
        String group = sample.kind().label() + (sample.band() < 0 ? "" : sample.band());
        samples.computeIfAbsent(group, _ -> new ArrayList<>()).add(sample);
        nearMisses += sample.kind() == SampleKind.NEAR_MISS ? 1 : 0;
        neighbours += sample.kind() == SampleKind.NEIGHBOUR ? 1 : 0;
      }
      assertChosen(samples.get("top"), strongest(f, dense.contextPeaks(f).values(), tokens), 20);
      List<Integer> peaks = List.copyOf(dense.windowPeaks(f).values());
      for (int band = 0; band < 8 && !row.dead(); band++) {
        int b = band;
        List<Integer> in =
            peaks.stream().filter(t -> band(row.bandEdges(), dense.values[f][t]) == b).toList();
        assertChosen(samples.get("band" + b), byHash(f, in, 10, tokens), 5);
      }
      List<Integer> weak =
          peaks.stream().filter(t -> dense.values[f][t] < 0.3f * row.maximum()).toList();
      assertChosen(samples.get("near_miss"), strongest(f, weak, tokens), 20);
      int nearest = store.neighbours(f).getFirst().neighbours()[0];
      Set<DenseCodes.Window> own = dense.windowPeaks(f).keySet();
      List<Integer> silent =
          dense.windowPeaks(nearest).entrySet().stream()
              .filter(window -> !own.contains(window.getKey()))
              .map(Map.Entry::getValue)
              .toList();
      assertChosen(samples.get("neighbour"), byHash(f, silent, 40, tokens), 20);
      assertThat(samples.get("random"))
          .hasSize(20)
          .extracting(SampleRow::window)
          .doesNotHaveDuplicates();
      for (SampleRow sample : store.samples(f)) {
        assertActivations(f, sample, sample.kind() == SampleKind.NEIGHBOUR ? nearest : f, tokens);
      }
    }
    assertThat(nearMisses).isPositive();
    assertThat(neighbours).isPositive();
  }

  /** The 40 strongest, of equals by hash. */
  private static List<Integer> strongest(int f, Collection<Integer> of, AnalysedTokens tokens) {
    return of.stream()
        .sorted(
            Comparator.comparingDouble((Integer t) -> -dense.values[f][t])
                .thenComparingLong(t -> hash(f, t, tokens) >>> 32))
        .limit(40)
        .toList();
  }

  private static List<Integer> byHash(int f, List<Integer> of, int most, AnalysedTokens tokens) {
    return of.stream()
        .sorted(Comparator.comparingLong(t -> hash(f, t, tokens) >>> 1))
        .limit(most)
        .toList();
  }

  private static long hash(int f, int t, AnalysedTokens tokens) {
    SeededRandom random = new SeededRandom(SEED, "samples");
    return random.bits(tokens.windowKey(dense.contexts[t], dense.positions[t]) ^ random.bits(f));
  }

  /** The chosen tokens, near-duplicates of an earlier one folded, the first so many. */
  private static void assertChosen(List<SampleRow> samples, List<Integer> chosen, int most) {
    List<Integer> kept = new ArrayList<>();
    Map<Integer, Integer> folded = new HashMap<>();
    for (int t : chosen) {
      kept.stream()
          .filter(k -> isNear(k, t))
          .findFirst()
          .ifPresentOrElse(k -> folded.merge(k, 1, Integer::sum), () -> kept.add(t));
    }
    List<Integer> expected = kept.stream().limit(most).toList();
    List<SampleRow> got = samples == null ? List.of() : samples;
    assertThat(got)
        .extracting(s -> s.position() + " " + s.duplicates())
        .containsExactlyElementsOf(
            expected.stream()
                .map(t -> dense.positions[t] + " " + folded.getOrDefault(t, 0))
                .toList());
  }

  private static boolean isNear(int s, int t) {
    int there = 0;
    int same = 0;
    for (int offset = -8; offset <= 8; offset++) {
      int a = idAt(s, offset);
      int b = idAt(t, offset);
      if (offset == 0 && a != b) {
        return false;
      }
      if (offset != 0 && (a >= 0 || b >= 0)) {
        there++;
        same += a == b ? 1 : 0;
      }
    }
    return same >= 0.8 * there;
  }

  private static int idAt(int t, int offset) {
    int[] ids = corpus.ids(dense.contexts[t]);
    int position = dense.positions[t] + offset;
    return position >= 1 && position < ids.length ? ids[position] : -1;
  }

  private static void assertActivations(
      int f, SampleRow sample, int peakOf, AnalysedTokens tokens) {
    List<Integer> positions = new ArrayList<>();
    List<Float> values = new ArrayList<>();
    int context = tokens.contextOf(sample.window());
    int block = sample.window() - tokens.firstWindow(context);
    float peak = 0;
    float strongest = 0;
    for (int t = 0; t < dense.tokens; t++) {
      if (dense.contexts[t] == context) {
        int of = dense.positions[t] / 32;
        if (dense.values[f][t] > 0 && Math.abs(of - block) <= 1) {
          positions.add(dense.positions[t]);
          values.add(Rounded.of(dense.values[f][t]));
        }
        if (dense.positions[t] == sample.position()) {
          peak = dense.values[peakOf][t];
        }
        if (of == block) {
          strongest = Math.max(strongest, dense.values[peakOf][t]);
        }
      }
    }
    assertThat(sample.positions()).containsExactly(positions.stream().mapToInt(i -> i).toArray());
    float[] expected = new float[values.size()];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = values.get(i);
    }
    assertThat(sample.activations()).containsExactly(expected);
    assertThat(sample.activation()).isEqualTo(Rounded.of(peak)).isEqualTo(Rounded.of(strongest));
  }

  @Test
  void coactivationIsOverTheWholeDictionary() {
    double n = dense.tokens;
    for (int f = 0; f < FEATURES; f += 7) {
      NeighboursRow row = store.neighbours(f).getLast();
      assertThat(row.relation()).isEqualTo("coactivation");
      int[] firings = dense.firings(f);
      TreeMap<Double, List<Integer>> byPhi = new TreeMap<>(Comparator.reverseOrder());
      int[] together = new int[FEATURES];
      for (int g = 0; g < FEATURES; g++) {
        for (int t : firings) {
          together[g] += dense.values[g][t] > 0 ? 1 : 0;
        }
        double n2 = dense.firings(g).length;
        double n1 = firings.length;
        double phi =
            (n * together[g] - n1 * n2) / Math.sqrt(n1 * (n - n1)) / Math.sqrt(n2 * (n - n2));
        if (g != f && together[g] > 0 && phi > 0) {
          byPhi.computeIfAbsent((double) (float) phi, _ -> new ArrayList<>()).add(g);
        }
      }
      List<Integer> expected = byPhi.values().stream().flatMap(List::stream).limit(20).toList();
      assertThat(row.neighbours()).containsExactly(expected.stream().mapToInt(g -> g).toArray());
      for (int i = 0; i < row.neighbours().length; i++) {
        int g = row.neighbours()[i];
        assertThat(row.firings()[i]).isEqualTo(together[g]);
        double lift = n * together[g] / firings.length / dense.firings(g).length;
        assertThat((double) row.lift()[i]).isCloseTo(lift, within(lift * HALF_BITS * 2));
      }
    }
  }

  @Test
  void cosinesAreExactWithinAndAcross() {
    List<String> relations = new ArrayList<>();
    for (NeighboursRow row : store.neighbours(0)) {
      relations.add(row.relation() + " " + row.dictionary());
    }
    assertThat(relations)
        .containsExactly(
            "decoder L1R-1x",
            "encoder L1R-1x",
            "decoder L1R-2x",
            "encoder L1R-2x",
            "decoder L2R-1x",
            "encoder L2R-1x",
            "coactivation L1R-1x");
    for (NeighboursRow example : store.neighbours(0).subList(0, 6)) {
      boolean decoder = example.relation().equals("decoder");
      float[][] own = vectors(TestSuite.MAIN, decoder);
      float[][] others = vectors(DictionaryName.parse(example.dictionary()), decoder);
      boolean same = example.dictionary().equals(TestSuite.MAIN.toString());
      for (int f = 0; f < FEATURES; f += 17) {
        NeighboursRow row =
            store.neighbours(f).stream()
                .filter(r -> r.relation().equals(example.relation()))
                .filter(r -> r.dictionary().equals(example.dictionary()))
                .findFirst()
                .orElseThrow();
        double[] cosines = new double[others.length];
        for (int g = 0; g < others.length; g++) {
          cosines[g] = same && g == f ? -2 : cosine(own[f], others[g]);
        }
        double[] sorted = Arrays.stream(cosines).sorted().toArray();
        assertThat(row.neighbours()).hasSize(20).doesNotHaveDuplicates();
        for (int i = 0; i < 20; i++) {
          double expected = sorted[sorted.length - 1 - i];
          assertThat((double) row.cosines()[i]).isCloseTo(expected, within(6e-4));
          assertThat(cosines[row.neighbours()[i]]).isCloseTo(expected, within(1e-5));
        }
      }
    }
  }

  /**
   * A transcoder's encoder reads another space than an autoencoder's: only its own kind is near.
   */
  @Test
  void neighboursAreSoughtAtTheSameSiteOnly() {
    assertThat(CosineNeighbours.others(DictionaryName.parse("L1TC-1x"), suite.names())).isEmpty();
    List<DictionaryName> all =
        Stream.of(
                "L3R-8x",
                "L4R-8x",
                "L4R-32x",
                "L4R-8x-k20",
                "L5R-8x",
                "L5R-32x",
                "L5A-8x",
                "L6R-8x")
            .map(DictionaryName::parse)
            .toList();
    assertThat(CosineNeighbours.others(DictionaryName.parse("L4R-8x"), all))
        .extracting(DictionaryName::toString)
        .containsExactly("L3R-8x", "L4R-8x-k20", "L4R-32x", "L5R-8x");
  }

  private static float[][] vectors(DictionaryName name, boolean decoder) {
    try (Dictionary dictionary = suite.dictionary(name)) {
      float[] all =
          (decoder ? dictionary.weights().decoder() : dictionary.weights().encoder()).floats();
      int d = (int) dictionary.weights().inputSize();
      return IntStream.range(0, all.length / d)
          .mapToObj(f -> Arrays.copyOfRange(all, f * d, (f + 1) * d))
          .toArray(float[][]::new);
    }
  }

  private static double cosine(float[] a, float[] b) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += (double) a[i] * b[i];
      aa += (double) a[i] * a[i];
      bb += (double) b[i] * b[i];
    }
    return ab / Math.sqrt(aa * bb);
  }

  @Test
  void logitLens() {
    float[][] decoder = vectors(TestSuite.MAIN, true);
    float[] gain;
    float[] unembedding;
    try (Llama model = model()) {
      gain = model.finalGain().floats();
      unembedding = model.unembedding().floats();
    }
    int vocabulary = tokenizer.size();
    for (int f = 0; f < FEATURES; f += 37) {
      LogitsRow row = store.logits(f);
      double[] logits = new double[vocabulary];
      for (int id = 0; id < vocabulary; id++) {
        for (int i = 0; i < gain.length; i++) {
          logits[id] += (double) decoder[f][i] * gain[i] * unembedding[id * gain.length + i];
        }
      }
      double mean = Arrays.stream(logits).average().orElseThrow();
      double deviation =
          Math.sqrt(
              Arrays.stream(logits).map(x -> (x - mean) * (x - mean)).average().orElseThrow());
      assertThat((double) row.mean()).isCloseTo(mean, within(1e-5));
      assertThat((double) row.deviation()).isCloseTo(deviation, within(1e-5));
      assertThat(Arrays.stream(row.counts()).sum()).isEqualTo(vocabulary);
      double[] sorted = Arrays.stream(logits).sorted().toArray();
      assertThat((double) row.maximum()).isCloseTo(sorted[vocabulary - 1], within(1e-5));
      assertThat((double) row.minimum()).isCloseTo(sorted[0], within(1e-5));
      for (int i = 0; i < 20; i++) {
        double top = sorted[vocabulary - 1 - i];
        assertLogit(row.top(), i, top, logits, mean, deviation);
        assertLogit(row.bottom(), i, sorted[i], logits, mean, deviation);
      }
    }
  }

  private static void assertLogit(
      LogitsRow.Tokens tokens, int i, double expected, double[] logits, double mean, double dev) {
    assertThat((double) tokens.logits()[i])
        .isCloseTo(expected, within(1e-5 + Math.abs(expected) * HALF_BITS));
    assertThat(logits[tokens.ids()[i]]).isCloseTo(expected, within(1e-5));
    double z = (expected - mean) / dev;
    assertThat((double) tokens.z()[i]).isCloseTo(z, within(1e-4 + Math.abs(z) * HALF_BITS));
    assertThat(tokens.texts()[i]).isEqualTo(tokenizer.piece(tokens.ids()[i]));
  }

  @Test
  void windowsAreTheTextOfTheDocuments() {
    Map<DocumentReference, Document> documents = new HashMap<>();
    CorpusSpec spec = CorpusSpec.parse(CORPUS);
    DocumentReader reader = new DocumentReader(spec, false);
    for (int source = 0; source < spec.sources().size(); source++) {
      reader.forEach(source, document -> documents.put(document.reference(), document));
    }
    AnalysedTokens tokens =
        new AnalysedTokens(corpus, CorpusContexts.of(corpus), tokenizer.size(), SEED);
    Map<Long, Float> losses = new HashMap<>();
    for (int t = 0; t < dense.tokens; t++) {
      losses.put(Place.of(dense.contexts[t], dense.positions[t]), dense.losses[t]);
    }
    Set<Integer> wanted = new HashSet<>();
    for (int f = 0; f < FEATURES; f++) {
      store.samples(f).forEach(sample -> wanted.add(sample.window()));
    }
    List<WindowRow> windows = store.windows(wanted);
    assertThat(windows).hasSameSizeAs(wanted);
    for (WindowRow window : windows) {
      int context = tokens.contextOf(window.window());
      assertThat(window.context()).isEqualTo(context);
      Document document = documents.get(corpus.document(context));
      assertThat(window.row()).isEqualTo(document.reference().row());
      assertThat(window.source())
          .isEqualTo(spec.sources().get(document.reference().source()).name());
      assertThat(window.metadata()).isEqualTo(document.metadata().toString());
      int[] text = document.text().codePoints().toArray();
      int end = Arrays.stream(window.ends()).max().orElseThrow();
      assertThat(window.text())
          .isEqualTo(new String(text, window.starts()[0], end - window.starts()[0]));
      int[] ids = corpus.ids(context);
      int first = window.firstPosition();
      assertThat(first).isEqualTo(Math.max(1, first / 32 * 32));
      assertThat(window.ids())
          .isEqualTo(Arrays.copyOfRange(ids, first, first + window.ids().length));
      assertThat(first + window.ids().length)
          .isEqualTo(Math.min(ids.length, (first / 32 + 1) * 32));
      for (int i = 0; i < window.ids().length; i++) {
        float expected = losses.getOrDefault(Place.of(context, first + i), Float.NaN);
        assertThat((Object) window.losses()[i]).isEqualTo(Rounded.of(expected));
      }
    }
  }

  @Test
  void aSampleWithItsTextIsThatOfTheContext() {
    for (SampleText text : store.texts(3)) {
      int[] ids = text.tokens().stream().mapToInt(SampleText.Token::id).toArray();
      int context = text.window().context();
      int first = text.tokens().getFirst().position();
      assertThat(ids).isEqualTo(Arrays.copyOfRange(corpus.ids(context), first, first + ids.length));
      assertThat(text.tokens().get(text.peak()).position()).isEqualTo(text.sample().position());
      StringBuilder whole = new StringBuilder();
      text.tokens().forEach(token -> whole.append(token.text()));
      assertThat(tokenizer.decode(ids)).isEqualTo(whole.toString());
    }
  }

  @Test
  void categoriesAreFoundAsByTryingEveryThreshold() {
    StoreSummary.Categories found = store.summary().categories().orElseThrow();
    CategoryDocuments documents =
        CategoryDocuments.read(CorpusSpec.parse(CORPUS), corpus, CorpusContexts.of(corpus));
    assertThat(documents.names()).isNotEmpty().doesNotContain("noun.Tops", "adv.all", "adj.all");
    assertThat(found.choosingDocuments() + found.scoringDocuments()).isEqualTo(documents.size());
    float[][] maxima = new float[FEATURES][documents.size()];
    for (int f = 0; f < FEATURES; f++) {
      for (int t : dense.firings(f)) {
        int d = documents.contextDocuments()[dense.contexts[t]];
        if (d >= 0) {
          maxima[f][d] = Math.max(maxima[f][d], dense.values[f][t]);
        }
      }
    }
    double[][] best = new double[FEATURES][documents.names().size()];
    for (int f = 0; f < FEATURES; f++) {
      for (int c = 0; c < best[f].length; c++) {
        best[f][c] = bestF1(documents, maxima[f], c);
      }
      double most = Arrays.stream(best[f]).max().orElseThrow();
      FeatureRow row = store.feature(f);
      if (!row.dead() && row.category().isPresent()) {
        FeatureRow.Category category = row.category().get();
        int c = documents.names().indexOf(category.name());
        double choosing = f1(documents, maxima[f], c, category.sign(), category.threshold(), false);
        assertThat(choosing).isCloseTo(most, within(1e-12));
        double scoring = f1(documents, maxima[f], c, category.sign(), category.threshold(), true);
        assertThat(category.f1().value()).isCloseTo(scoring, within(1e-6));
        assertThat(category.f1().low()).isLessThanOrEqualTo(category.f1().value());
        assertThat(category.f1().high()).isGreaterThanOrEqualTo(category.f1().value());
      }
    }
    double sum = 0;
    for (StoreSummary.Best each : found.measured().best()) {
      int c = documents.names().indexOf(each.category());
      int f = each.candidate();
      for (int other = 0; other < FEATURES; other++) {
        assertThat(best[other][c]).isLessThanOrEqualTo(best[f][c] + 1e-12);
      }
      double threshold = each.threshold();
      double scored = f1(documents, maxima[f], c, each.sign(), (float) threshold, true);
      assertThat(each.f1()).isCloseTo(scored, within(1e-9));
      sum += scored;
    }
    assertThat(found.measured().meanBestF1())
        .isCloseTo(sum / documents.names().size(), within(1e-9));
    assertThat(found.measured().candidates()).isEqualTo(FEATURES - store.summary().dead());
    assertThat(found.floors())
        .extracting(StoreSummary.Search::among, StoreSummary.Search::candidates)
        .containsExactly(
            tuple("random directions", FEATURES), tuple("neurons, both directions", 2 * FEATURES));
  }

  private static double bestF1(CategoryDocuments documents, float[] scores, int category) {
    double best = 0;
    Set<Float> thresholds = new HashSet<>();
    for (float score : scores) {
      thresholds.add(score);
    }
    for (float threshold : thresholds) {
      int above = 0;
      int all = 0;
      for (int d = 0; d < scores.length; d++) {
        all += documents.scores()[d] ? 0 : 1;
        above += !documents.scores()[d] && scores[d] > threshold ? 1 : 0;
      }
      if (above > 0 && above < all) { // parts the choosing documents
        best = Math.max(best, f1(documents, scores, category, 1, threshold, false));
        best = Math.max(best, f1(documents, scores, category, -1, threshold, false));
      }
    }
    return best;
  }

  private static double f1(
      CategoryDocuments documents,
      float[] scores,
      int category,
      int sign,
      float threshold,
      boolean scoring) {
    int hits = 0;
    int predicted = 0;
    int positives = 0;
    for (int d = 0; d < scores.length; d++) {
      if (documents.scores()[d] == scoring) {
        boolean says = sign > 0 ? scores[d] > threshold : scores[d] <= threshold;
        boolean is = documents.categories()[d] == category;
        predicted += says ? 1 : 0;
        positives += is ? 1 : 0;
        hits += says && is ? 1 : 0;
      }
    }
    return 2.0 * hits / (predicted + positives);
  }

  @Test
  void floorsAreTheMaximaOfDirectionsOverDocuments() {
    CategoryDocuments documents =
        CategoryDocuments.read(CorpusSpec.parse(CORPUS), corpus, CorpusContexts.of(corpus));
    Hook hook = TestSuite.MAIN.site().hookIn(1);
    try (Llama model = model();
        FloorScores floors = new FloorScores(hook, 40, 256, SEED)) {
      int[] contexts =
          IntStream.range(0, corpus.contexts())
              .filter(c -> documents.contextDocuments()[c] >= 0)
              .limit(9)
              .toArray();
      TokenBatch batch = corpus.batchOf(IntStream.range(0, contexts[8] + 1).limit(60).toArray());
      int[] listed = Arrays.stream(contexts).filter(c -> c < 60).toArray();
      try (Activations found = Capturing.activations(model, batch, Set.of(hook));
          var scores = floors.of(found, listed)) {
        float[] rows = found.at(hook).floats();
        float[] got = scores.floats();
        SeededRandom random = new SeededRandom(SEED, "random directions at " + hook);
        float[] directions;
        try (var made = random.directions(40, 256, 1)) {
          directions = made.floats();
        }
        for (int i = 0; i < listed.length; i++) {
          for (int column = 0; column < 40 + 512; column++) {
            double expected = Double.NEGATIVE_INFINITY;
            for (int t = 0; t < found.tokens(); t++) {
              if (found.contexts()[t] == listed[i]) {
                double score = 0;
                for (int d = 0; d < 256; d++) {
                  double x = rows[t * 256 + d];
                  score +=
                      column < 40
                          ? x * directions[column * 256 + d]
                          : column - 40 == d ? x : column - 296 == d ? -x : 0;
                }
                expected = Math.max(expected, score);
              }
            }
            assertThat((double) got[i * 552 + column])
                .isCloseTo(expected, within(0.3 + Math.abs(expected) * 0.02));
          }
        }
      }
    }
  }

  @Test
  void anyToolReadsTheFilesInOneLine() throws Exception {
    Path folder = shared.resolve("features").resolve(TestSuite.MAIN.toString());
    try (var connection = java.sql.DriverManager.getConnection("jdbc:duckdb:");
        var statement = connection.createStatement()) {
      String query =
          "SELECT f.feature, f.tokens[1], s.activation, w.text FROM '%1$s/features.parquet' f JOIN '%1$s/samples.parquet' s USING (feature) JOIN '%1$s/windows.parquet' w USING (\"window\") WHERE s.kind = 'top' AND s.rank = 0 ORDER BY f.maximum DESC LIMIT 1"
              .formatted(folder);
      try (var row = statement.executeQuery(query)) {
        assertThat(row.next()).isTrue();
        FeatureRow strongest = store.features("true", "maximum DESC", 1).getFirst();
        assertThat(row.getInt(1)).isEqualTo(strongest.feature());
        assertThat(row.getString(2)).isEqualTo(strongest.tokens().texts()[0]);
        assertThat(row.getFloat(3)).isEqualTo(Rounded.of(strongest.maximum()));
        assertThat(row.getString(4)).isNotEmpty();
      }
      try (var row =
          statement.executeQuery(
              "SELECT value FROM parquet_kv_metadata('%s/features.parquet') WHERE key = 'loupe_format'"
                  .formatted(folder))) {
        assertThat(row.next()).isTrue();
        assertThat(new String(row.getBytes(1), java.nio.charset.StandardCharsets.UTF_8))
            .isEqualTo("1");
      }
    }
  }

  @Test
  void aStoreTakesLessThanEightKilobytesAFeature() throws IOException {
    try (Stream<Path> files = Files.list(shared.resolve("features/L1R-2x"))) {
      long bytes = files.mapToLong(file -> file.toFile().length()).sum();
      assertThat(bytes / 512).isLessThan(8 << 10);
    }
  }

  @Test
  void aStoreOfAnotherFormatIsRefusedByName() throws IOException {
    Path copy = shared.resolve("other-format");
    Files.createDirectories(copy);
    Path summary = shared.resolve("features/L1R-1x/analysis.json");
    JsonNode json = Json.readObject(summary);
    Files.writeString(
        copy.resolve("analysis.json"),
        json.toString().replaceFirst("\"format\":1", "\"format\":0"));
    assertThatThrownBy(() -> FeatureStore.open(copy))
        .hasMessageContaining("expected a feature store of format 1, got 0")
        .hasMessageContaining("analysis.json");
    assertThatThrownBy(() -> FeatureStore.open(shared))
        .hasMessageContaining("expected a feature store, got no analysis.json");
  }

  @Test
  void conditionsThatAreNoneAreExplained() {
    assertThatThrownBy(() -> store.features("firingss > 1", "feature", 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("over the columns of features (feature, firings")
        .hasMessageContaining("\"firingss\" not found");
    assertThatThrownBy(() -> store.feature(256)).hasMessageContaining("from 0 to 255, got 256");
    assertThat(store.count("dead")).isEqualTo(store.summary().dead());
  }
}
