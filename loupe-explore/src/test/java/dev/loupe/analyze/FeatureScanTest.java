package dev.loupe.analyze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loupe.text.DocumentReference;
import dev.loupe.text.TokenBatch;
import dev.loupe.text.TokenCorpus;
import dev.loupe.text.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hand-made activations over real token batches. */
final class FeatureScanTest {
  private static final List<String> WORDS =
      List.of("river", "the", "of", "stone", "walks", "and", "light", "house", "seven", "a");
  private static final int FEATURES = 40;

  private static Tokenizer tokenizer;

  @TempDir private Path folder;

  @BeforeAll
  static void open() {
    tokenizer = TestScans.demoTokenizer();
  }

  @AfterAll
  static void close() {
    tokenizer.close();
  }

  @Test
  void countsDocumentsAndMaximaAreThoseOfTheTokens() {
    try (TokenCorpus corpus = TestScans.corpus(folder, tokenizer, texts(60), 1)) {
      Map<Integer, Integer> firings = new HashMap<>();
      Map<Integer, Set<DocumentReference>> documents = new HashMap<>();
      Map<Integer, Float> maxima = new HashMap<>();
      FeatureScan scan = scan(corpus);
      forTokens(
          corpus,
          place -> {
            float[] row = activations(place.batch(), place.row(), place.position());
            for (int f = 0; f < FEATURES; f++) {
              if (row[f] > 0) {
                firings.merge(f, 1, Integer::sum);
                maxima.merge(f, row[f], Math::max);
                int context = place.batch().contexts()[place.row()];
                documents.computeIfAbsent(f, _ -> new HashSet<>()).add(corpus.document(context));
              }
            }
          });
      assertThat(scan.tokens()).isEqualTo((int) corpus.countedTokens());
      assertThat(scan.features()).hasSize(FEATURES);
      for (int f = 0; f < FEATURES; f++) {
        FeatureSummary summary = scan.features().get(f);
        assertThat(summary.feature()).isEqualTo(f);
        assertThat(summary.firings()).isEqualTo(firings.getOrDefault(f, 0));
        assertThat(summary.documents()).isEqualTo(documents.getOrDefault(f, Set.of()).size());
        assertThat(summary.maximum()).isEqualTo(maxima.getOrDefault(f, 0f));
      }
      assertThat(scan.features().getLast()).isEqualTo(new FeatureSummary(39, 0, 0, 0, Double.NaN));
      // not quite 1: half B has ids that half A lacks, for which its mean is predicted
      assertThat(scan.features().get(38).tokenShare()).as("fires on one id").isBetween(0.99, 1.0);
      assertThat(scan.features().get(0).tokenShare()).as("by position").isLessThan(0.1);
    }
  }

  @Test
  void documentsAreSplitInHalves() {
    int inHalfB = 0;
    for (int row = 0; row < 1000; row++) {
      inHalfB += ScannedTokens.isInHalfB(new DocumentReference(1, 2, row)) ? 1 : 0;
    }
    assertThat(inHalfB).isBetween(440, 560);
  }

  @Test
  void examplesAreTheStrongestTokenOfEachContext() {
    try (TokenCorpus corpus = TestScans.corpus(folder, tokenizer, texts(60), 1)) {
      FeatureScan scan = scan(corpus);
      for (int f = 0; f < FEATURES; f++) {
        int feature = f;
        float[] peaks = new float[corpus.contexts()];
        forTokens(
            corpus,
            place -> {
              int context = place.batch().contexts()[place.row()];
              float[] row = activations(place.batch(), place.row(), place.position());
              peaks[context] = Math.max(peaks[context], row[feature]);
            });
        List<Example> examples = scan.examples(f, Integer.MAX_VALUE, 3, 2);
        assertThat(examples.stream().map(Example::context)).doesNotHaveDuplicates();
        List<Float> expected = new ArrayList<>();
        for (float peak : peaks) {
          expected.add(peak);
        }
        expected.removeIf(peak -> peak == 0);
        expected.sort((a, b) -> Float.compare(b, a));
        assertThat(examples.stream().map(Example::strength).toList()).isEqualTo(expected);
        int few = Math.min(5, examples.size());
        assertThat(contexts(scan.examples(f, 5, 0, 0)))
            .isEqualTo(contexts(examples.subList(0, few)));
      }
    }
  }

  @Test
  void windowsStayInTheirContext() {
    try (TokenCorpus corpus = TestScans.corpus(folder, tokenizer, texts(60), 1)) {
      FeatureScan scan = scan(corpus);
      Map<Integer, int[]> contexts = new HashMap<>();
      Map<Integer, float[][]> activations = new HashMap<>();
      forBatches(
          corpus,
          (batch, row) -> {
            int start = row * batch.positions();
            int length = batch.lengths()[row];
            float[][] rows = new float[length][FEATURES];
            for (int p = 1; p < length; p++) {
              rows[p] = activations(batch, row, p);
            }
            contexts.put(
                batch.contexts()[row], Arrays.copyOfRange(batch.ids(), start, start + length));
            activations.put(batch.contexts()[row], rows);
          });
      int cutBefore = 0;
      int cutAfter = 0;
      for (int f = 0; f < FEATURES; f++) {
        for (Example example : scan.examples(f, 100, 3, 2)) {
          int[] ids = contexts.get(example.context());
          int from = Math.max(1, example.position() - 3);
          int to = Math.min(ids.length, example.position() + 3);
          cutBefore += from > example.position() - 3 ? 1 : 0;
          cutAfter += to < example.position() + 3 ? 1 : 0;
          assertThat(example.document()).isEqualTo(corpus.document(example.context()));
          assertThat(example.peak()).isEqualTo(example.position() - from);
          assertThat(example.ids()).isEqualTo(Arrays.copyOfRange(ids, from, to));
          assertThat(example.activations())
              .isEqualTo(column(activations.get(example.context()), f, from, to));
        }
        for (Example whole : scan.examples(f, 3, Integer.MAX_VALUE, Integer.MAX_VALUE)) {
          assertThat(whole.ids()).hasSize(contexts.get(whole.context()).length - 1);
        }
      }
      assertThat(cutBefore).isPositive();
      assertThat(cutAfter).isPositive();
    }
  }

  @Test
  void laterEpochsDoNotRepeatExamples() {
    List<String> texts = texts(10);
    try (TokenCorpus once = TestScans.corpus(folder, tokenizer, texts, 1);
        TokenCorpus twice = TestScans.corpus(folder, tokenizer, texts, 2)) {
      assertThat(twice.contexts()).isEqualTo(2 * once.contexts());
      List<Example> examples = scan(twice).examples(0, Integer.MAX_VALUE, 2, 2);
      assertThat(examples).hasSameSizeAs(scan(once).examples(0, Integer.MAX_VALUE, 2, 2));
    }
  }

  @Test
  void interestingFeaturesAreManyThingsButTokens() {
    try (TokenCorpus corpus = TestScans.corpus(folder, tokenizer, texts(300), 1)) {
      FeatureScan scan = scan(corpus);
      List<FeatureSummary> candidates =
          scan.features().stream()
              .filter(f -> f.tokenShare() < 0.5 && f.firings() >= 50 && f.documents() >= 10)
              .toList();
      assertThat(candidates).hasSizeBetween(10, FEATURES - 1);
      Set<Integer> numbers =
          candidates.stream().map(FeatureSummary::feature).collect(Collectors.toSet());
      List<Integer> all = scan.interesting(FEATURES, 1);
      assertThat(all).containsExactlyInAnyOrderElementsOf(numbers);
      assertThat(all.stream().map(f -> scan.features().get(f).firings())).isSorted();
      List<Integer> few = scan.interesting(4, 1);
      assertThat(few).hasSize(4).doesNotHaveDuplicates().isSubsetOf(numbers);
      assertThat(few).isEqualTo(scan(corpus).interesting(4, 1));
      Set<List<Integer>> drawn = new HashSet<>();
      IntStream.range(0, 10).forEach(seed -> drawn.add(scan.interesting(4, seed)));
      assertThat(drawn).as("the seed draws").hasSizeGreaterThan(1);
      assertThat(scan.interesting(0, 1)).isEmpty();
    }
  }

  @Test
  void clearPeaksAreChosen() {
    try (TokenCorpus corpus = TestScans.corpus(folder, tokenizer, texts(300), 1)) {
      // both fire on the same tokens, the first always alike, the second ten times more on a tenth
      FeatureScan scan =
          TestScans.scan(
              corpus,
              2,
              (batch, row, position) -> {
                boolean fires = (position + row) % 3 == 0;
                boolean strong = batch.contexts()[row] % 10 == 0;
                return new float[] {fires ? 1 : 0, fires ? strong ? 10 : 1 : 0};
              });
      assertThat(scan.interesting(2, 1)).containsExactlyInAnyOrder(0, 1);
      for (int seed = 0; seed < 5; seed++) {
        assertThat(scan.interesting(1, seed)).containsExactly(1);
      }
    }
  }

  @Test
  void argumentsOutOfRangeAreRefused() {
    try (TokenCorpus corpus = TestScans.corpus(folder, tokenizer, texts(5), 1)) {
      FeatureScan scan = scan(corpus);
      assertThatThrownBy(() -> scan.examples(FEATURES, 1, 1, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("expected a feature from 0 to 39, got 40");
      assertThatThrownBy(() -> scan.examples(0, 1, -1, 1)).hasMessageContaining("before");
      assertThatThrownBy(() -> scan.interesting(-1, 1)).hasMessageContaining("count");
    }
  }

  private record Place(TokenBatch batch, int row, int position) {}

  private interface RowAction {
    void on(TokenBatch batch, int row);
  }

  private static void forBatches(TokenCorpus corpus, RowAction action) {
    for (int b = 0; b < corpus.batches(); b++) {
      TokenBatch batch = corpus.batch(b);
      IntStream.range(0, batch.documents()).forEach(row -> action.on(batch, row));
    }
  }

  private static void forTokens(TokenCorpus corpus, Consumer<Place> action) {
    forBatches(
        corpus,
        (batch, row) -> {
          for (int p = 1; p < batch.lengths()[row]; p++) {
            action.accept(new Place(batch, row, p));
          }
        });
  }

  private static FeatureScan scan(TokenCorpus corpus) {
    return TestScans.scan(corpus, FEATURES, FeatureScanTest::activations);
  }

  /** Feature 39 is dead, 38 names a token, the others follow the place, ever more rarely. */
  private static float[] activations(TokenBatch batch, int row, int position) {
    float[] activations = new float[FEATURES];
    int context = batch.contexts()[row];
    for (int f = 0; f < 38; f++) {
      SplittableRandom random = new SplittableRandom(context * 1_000_003L + position * 101L + f);
      random.nextLong(); // neighbouring seeds begin alike
      activations[f] = random.nextInt(2 + f) == 0 ? 1 + random.nextFloat() : 0;
    }
    int id = batch.ids()[row * batch.positions() + position];
    activations[38] = id == tokenizer.encode(" stone").ids()[0] ? 2 : 0;
    return activations;
  }

  private static float[] column(float[][] rows, int feature, int from, int to) {
    float[] column = new float[to - from];
    for (int p = from; p < to; p++) {
      column[p - from] = rows[p][feature];
    }
    return column;
  }

  private static List<Integer> contexts(List<Example> examples) {
    return examples.stream().map(Example::context).toList();
  }

  private static List<String> texts(int count) {
    SplittableRandom random = new SplittableRandom(4);
    return IntStream.range(0, count)
        .mapToObj(i ->
            i
                + random
                    .ints(1 + random.nextInt(40), 0, WORDS.size())
                    .mapToObj(word -> " " + WORDS.get(word))
                    .collect(Collectors.joining()))
        .toList();
  }
}
