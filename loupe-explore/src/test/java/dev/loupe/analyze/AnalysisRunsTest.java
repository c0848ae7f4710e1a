package dev.loupe.analyze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loupe.activation.CorpusContexts;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import dev.loupe.files.ChildJvm;
import dev.loupe.files.FolderFiles;
import dev.loupe.files.FolderSums;
import dev.loupe.files.Json;
import dev.loupe.kernel.Range;
import dev.loupe.model.SmallModel;
import dev.loupe.store.FeatureStore;
import dev.loupe.store.StoreSummary;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.Torch;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.DemoSample;
import dev.loupe.text.LongDocuments;
import dev.loupe.text.Progress;
import dev.loupe.text.Split;
import dev.loupe.text.TokenCorpus;
import dev.loupe.text.TokenRequest;
import dev.loupe.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The same bytes whatever threads, pieces, parts and interruptions; and what is refused. */
@ExtendWith(LeakCheck.class)
final class AnalysisRunsTest {
  private static final String CORPUS = DemoSample.wordnet();
  private static final long TOKENS = 30_000;
  private static final int FEATURES = 64;
  private static final int KILLED = 128 + 9;

  @TempDir private static Path shared;
  @TempDir private Path folder;

  private static Suite suite;
  private static NavigableMap<String, String> expected;

  @BeforeAll
  static void analyse() {
    suite = TestSuite.trainSmall(shared.resolve("suite"));
    Analysis.run(setup(shared.resolve("features")), Progress.NONE, () -> false);
    expected = FolderSums.of(shared.resolve("features"));
    assertThat(expected).hasSize(2 * 8);
  }

  private static AnalysisSetup setup(Path out) {
    return TestSuite.setup(suite, out, CORPUS, TOKENS, "L1R-1x", "L1TC-1x");
  }

  @Test
  void threadsDoNotMatter() {
    int before = Torch.threads();
    try {
      for (int threads = 1; threads <= 3; threads += 2) {
        Torch.start(threads);
        Path out = folder.resolve("threads-" + threads);
        Analysis.run(setup(out), Progress.NONE, () -> false);
        assertThat(FolderSums.of(out)).as(threads + " threads").isEqualTo(expected);
      }
    } finally {
      Torch.start(before);
    }
  }

  @Test
  void aStoppedRunGoesOn() {
    Path out = folder.resolve("out");
    AtomicInteger asked = new AtomicInteger();
    int stops = 0;
    for (int after = 1; after < 12; after += 2) {
      int most = after;
      asked.set(0);
      try {
        Analysis.run(setup(out), Progress.NONE, () -> asked.incrementAndGet() > most);
        break;
      } catch (CancellationException e) {
        assertThat(e).hasMessageContaining("the same command goes on");
        stops++;
      }
    }
    assertThat(stops).isGreaterThan(2);
    Analysis.run(setup(out), Progress.NONE, () -> false);
    assertThat(FolderSums.of(out)).isEqualTo(expected);
    // and there is nothing left to do
    Analysis.run(
        setup(out), (what, _, _) -> assertThat(what).matches("(read|token).*"), () -> false);
  }

  @Test
  void anotherRequestIsRefusedUntilItIsToRestart() {
    Path out = folder.resolve("out");
    assertThatThrownBy(() -> Analysis.run(setup(out), Progress.NONE, () -> true))
        .isInstanceOf(CancellationException.class);
    AnalysisSetup other = TestSuite.setup(suite, out, CORPUS, TOKENS - 1000, "L1R-1x");
    assertThatThrownBy(() -> Analysis.run(other, Progress.NONE, () -> false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("differs in corpus_fingerprint, tokens, dictionaries")
        .hasMessageContaining("--restart");
  }

  @Test
  void aDamagedPieceIsMadeAgain() throws IOException {
    Path out = folder.resolve("out");
    AtomicInteger asked = new AtomicInteger();
    assertThatThrownBy(
            () -> Analysis.run(setup(out), Progress.NONE, () -> asked.incrementAndGet() > 3))
        .isInstanceOf(CancellationException.class);
    Path piece = out.resolve(".analysis/codes-000001.safetensors");
    byte[] bytes = Files.readAllBytes(piece);
    bytes[bytes.length - 100] ^= 1;
    Files.write(piece, bytes);
    Path cut = out.resolve(".analysis/codes-000000.safetensors");
    Files.write(cut, Arrays.copyOf(Files.readAllBytes(cut), 5_000));
    Analysis.run(setup(out), Progress.NONE, () -> false);
    assertThat(FolderSums.of(out)).isEqualTo(expected);
  }

  @Test
  void aSuiteLacksOtherDictionaries() {
    AnalysisSetup other = TestSuite.setup(suite, folder, CORPUS, TOKENS, "L5R-1x");
    assertThatThrownBy(() -> Analysis.run(other, Progress.NONE, () -> false))
        .hasMessageContaining("expected a dictionary of the suite")
        .hasMessageContaining("L5R-1x");
    assertThatThrownBy(() -> Analysis.open(suite, DictionaryName.parse("L1R-1x")))
        .hasMessageContaining("expected a feature store")
        .hasMessageContaining("analyze writes it");
  }

  @Test
  void whatDoesNotFitIsRefusedBeforeItIsBegun() {
    List<DictionaryName> wide = List.of(DictionaryName.parse("L1R-99999x"));
    assertThatThrownBy(() -> AnalysisRoom.checkMemory(wide, 4_096))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("of free memory")
        .hasMessageContaining("--only");
    List<DictionaryName> one = List.of(DictionaryName.parse("L1R-1x"));
    AnalysisRoom.checkMemory(one, 256);
    assertThatThrownBy(() -> AnalysisRoom.checkDisk(suite, one, 1L << 50, folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("of free disk")
        .hasMessageContaining("--tokens");
    AnalysisRoom.checkDisk(suite, one, 1_000, folder);
  }

  /** Here the suite is its own floor, as if it had been trained on a model that knows nothing. */
  @Test
  void categoriesAreHeldAgainstAnotherSuite() {
    AnalysisSetup first =
        TestSuite.setup(suite, AnalysisSetup.features(suite), CORPUS, TOKENS, "L1R-1x");
    Analysis.run(first, Progress.NONE, () -> false);
    Path out = folder.resolve("out");
    AnalysisSetup second =
        TestSuite.withFloor(TestSuite.setup(suite, out, CORPUS, TOKENS, "L1R-1x"), suite);
    Analysis.run(second, Progress.NONE, () -> false);
    StoreSummary.Categories found =
        FeatureStore.summary(out.resolve("L1R-1x")).categories().orElseThrow();
    assertThat(found.floors())
        .extracting(StoreSummary.Search::among)
        .containsExactly(
            "random directions",
            "neurons, both directions",
            "features on " + SmallModel.folder().name());
    assertThat(found.floors().getLast().best()).isEqualTo(found.measured().best());
    AnalysisSetup other =
        TestSuite.withFloor(TestSuite.setup(suite, out, CORPUS, TOKENS - 1000, "L1R-1x"), suite);
    assertThatThrownBy(() -> Analysis.run(other, Progress.NONE, () -> false))
        .hasMessageContaining("expected a floor that was analysed on the same tokens");
  }

  /** From the codes on, how they are cut into pieces and blocks does not matter. */
  @Test
  void piecesDoNotMatter() throws IOException {
    Path out = folder.resolve("out");
    Path codes = folder.resolve("codes");
    Analysis.run(
        setup(out),
        (what, done, _) -> {
          if (what.startsWith("analysing") && done == 0) {
            FolderFiles.copy(out.resolve(".analysis"), codes);
          }
        },
        () -> false);
    int pieces =
        (int) FolderSums.of(codes).keySet().stream().filter(f -> f.endsWith("safetensors")).count();
    DenseCodes dense = DenseCodes.read(codes, pieces, "L1R-1x", FEATURES);
    String whole = features(codes, pieces);
    for (int contexts : new int[] {1, 7, 10_000}) {
      Path cut = folder.resolve("pieces-of-" + contexts);
      Files.createDirectories(cut);
      int count = dense.rewrite(cut, "L1R-1x", contexts);
      assertThat(features(cut, count).equals(whole)).as("pieces of " + contexts).isTrue();
    }
  }

  /** All that is found out about some features, as JSON. */
  private static String features(Path folder, int pieces) throws IOException {
    CodeFiles files = CodeFiles.in(folder, new Range(0, pieces));
    try (Tokenizer tokenizer = Tokenizer.load(SmallModel.folder().directory());
        TokenCorpus corpus =
            TokenCorpus.open(
                CorpusSpec.parse(CORPUS),
                tokenizer,
                new TokenRequest(
                    Split.HELD_OUT,
                    TOKENS,
                    1,
                    TestSuite.CONTEXT,
                    LongDocuments.SPLIT,
                    3,
                    1_024,
                    false),
                Progress.NONE);
        StoredCodes codes = StoredCodes.open(files, "L1R-1x", FEATURES)) {
      CorpusContexts contexts = CorpusContexts.of(corpus);
      AnalysedTokens tokens = new AnalysedTokens(corpus, contexts, tokenizer.size(), 3);
      tokens.count(files);
      CategoryDocuments documents =
          CategoryDocuments.read(CorpusSpec.parse(CORPUS), corpus, contexts);
      FeatureBlock block = codes.read(new Range(16, 48));
      FeatureAnalysis.Job job =
          new FeatureAnalysis.Job(
              "L1R-1x",
              codes,
              block,
              Coactivation.count(codes, block.features()),
              tokens,
              new RandomWindows(tokens, 3),
              IntStream.range(0, FEATURES)
                  .map(f -> (f + 25) % FEATURES)
                  .toArray(), // also of other blocks
              documents,
              Optional.of(new CategorySearch(documents)),
              tokenizer.size(),
              tokenizer::piece,
              3);
      return Json.mapper()
          .writeValueAsString(FeatureAnalysis.run(job, block.features()).features());
    }
  }

  /** In a JVM of its own, killed at random places, it ends with the bytes of an undisturbed run. */
  @Test
  void aKilledRunGoesOn() throws IOException {
    long seed = 20_261_126;
    System.out.println("seed of the kills: " + seed);
    Random random = new Random(seed);
    Path out = folder.resolve("out");
    int kills = 0;
    for (int i = 0; i < 12; i++) {
      List<String> output = new ArrayList<>();
      int code = child(out, 4 + random.nextInt(7 + 3 * i), output);
      assertThat(code).as(String.join("\n", output)).isIn(0, KILLED);
      kills += code == KILLED ? 1 : 0;
      if (code == 0) {
        break;
      }
    }
    assertThat(kills).isGreaterThan(3);
    Analysis.run(setup(out), Progress.NONE, () -> false);
    assertThat(FolderSums.of(out)).isEqualTo(expected);
    assertThat(FeatureStore.isWritten(out.resolve("L1R-1x"))).isTrue();
  }

  /** Runs until so many events, or to the end. */
  private static int child(Path out, int events, List<String> output) throws IOException {
    AtomicInteger seen = new AtomicInteger();
    return ChildJvm.watch(
        ChildJvm.brief(Child.class, suite.directory().toString(), out.toString()).start(),
        line -> line.startsWith("event") && seen.incrementAndGet() == events,
        output);
  }

  /** The JVM that is killed: tells each event. */
  static final class Child {
    private Child() {}

    public static void main(String[] arguments) {
      suite = Suite.open(Path.of(arguments[0]));
      Analysis.run(
          setup(Path.of(arguments[1])),
          (what, done, _) -> {
            System.out.println("event " + what + " " + done);
            System.out.flush();
          },
          () -> false);
    }
  }
}
