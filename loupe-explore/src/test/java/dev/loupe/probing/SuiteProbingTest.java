package dev.loupe.probing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.loupe.activation.Activations;
import dev.loupe.activation.Capturing;
import dev.loupe.analyze.TestSuite;
import dev.loupe.dictionary.Codes;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import dev.loupe.files.Json;
import dev.loupe.model.Hook;
import dev.loupe.model.ModelFolder;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Torch;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.DemoSample;
import dev.loupe.text.DocumentReader;
import dev.loupe.text.Progress;
import dev.loupe.text.Split;
import dev.loupe.text.TokenBatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Probing and absorption of a small suite on the bundled model. */
@ExtendWith(LeakCheck.class)
final class SuiteProbingTest {
  private static final int DOCUMENTS = 600;
  private static final long TOKENS = 20_000;

  @TempDir private static Path shared;
  @TempDir private Path folder;

  /** Five categories that are easy to tell from each other. */
  private static final String CATEGORIES = "noun.(animal|plant|person|artifact|location)";

  private static Suite suite;
  private static String labels;
  private static ProbingReport expected;

  @BeforeAll
  static void probe() throws IOException {
    suite = TestSuite.train(shared.resolve("suite"));
    labels = labels(shared.resolve("labels.jsonl"));
    expected = Probing.run(setup(ProbingSetup.BATCH_IDS), request(), Progress.NONE, () -> false);
  }

  /** The first 160 documents of each category for training, and 40 held out. */
  private static String labels(Path file) throws IOException {
    Map<String, Integer> left = new HashMap<>();
    StringBuilder lines = new StringBuilder();
    new DocumentReader(CorpusSpec.parse(DemoSample.wordnet()), false)
        .forEach(
            0,
            document -> {
              boolean test = Split.HELD_OUT.accepts(document);
              String side = document.category() + test;
              if (document.category().matches(CATEGORIES)
                  && left.merge(side, 1, Integer::sum) <= (test ? 40 : 160)) {
                lines.append(json(document.metadata().put("text", document.text())) + "\n");
              }
            });
    return Files.writeString(file, lines).toString();
  }

  private static ProbingSetup setup(int batchIds) {
    return setup(batchIds, labels, "L1R-1x", "L1TC-1x");
  }

  private static ProbingSetup setup(int batchIds, String corpus, String... only) {
    return new ProbingSetup(
        suite,
        ModelFolder.resolve("demo"),
        CorpusSpec.parse(corpus),
        Stream.of(only).map(DictionaryName::parse).toList(),
        3,
        false,
        false,
        DType.F32,
        Device.CPU,
        batchIds,
        List.of("probe"));
  }

  private static Probing.Request request() {
    return new Probing.Request(DOCUMENTS, List.of(1, 5), true, Optional.empty());
  }

  private static String json(Object report) {
    try {
      return Json.mapper().writeValueAsString(report);
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void theReportHoldsItsNumbers() {
    assertThat(expected.tasks()).hasSize(5);
    assertThat(expected.testDocuments()).isEqualTo(120);
    assertThat(expected.trainDocuments()).isEqualTo(480);
    assertThat(expected.leftOut()).isEmpty();
    assertThat(expected.hooks().keySet())
        .containsExactlyInAnyOrder("blocks.1.hook_resid_post", "blocks.1.ln2.hook_normalized");
    ProbingReport.OfDictionary of = expected.dictionaries().get("L1R-1x");
    assertThat(of.sparse().keySet()).containsExactly(1, 5);
    assertThat(of.random().keySet()).containsExactly(1, 5);
    assertThat(of.floor()).isEmpty();
    ProbingReport.OfHook hook = expected.hooks().get(of.hook());
    assertThat(hook.dense().accuracy().low()).isGreaterThan(0.6);
    for (ProbingReport.Probes probes : List.of(of.sparse().get(5), hook.neurons().get(5))) {
      assertThat(probes.accuracy().value()).isBetween(0.5, hook.dense().accuracy().high());
      assertThat(probes.tasks()).hasSameSizeAs(expected.tasks());
      probes
          .tasks()
          .values()
          .forEach(task -> assertThat(task.columns()).hasSize(5).doesNotHaveDuplicates());
    }
    for (ProbingReport.TaskSize task : expected.tasks()) {
      assertThat(task.train()).isEven().isGreaterThanOrEqualTo(2 * Task.LEAST_TRAIN);
      assertThat(task.test()).isEven().isGreaterThanOrEqualTo(2 * Task.LEAST_TEST);
    }
  }

  @Test
  void aReportIsReadAsItWasWritten() {
    Path file = folder.resolve("probing.json");
    expected.write(file);
    assertThat(json(ProbingReport.read(file))).isEqualTo(json(expected));
  }

  @Test
  void threadsDoNotMatter() {
    int before = Torch.threads();
    try {
      for (int threads = 1; threads <= 3; threads += 2) {
        Torch.start(threads);
        ProbingReport report =
            Probing.run(setup(ProbingSetup.BATCH_IDS), request(), Progress.NONE, () -> false);
        assertThat(json(report)).as(threads + " threads").isEqualTo(json(expected));
      }
    } finally {
      Torch.start(before);
    }
  }

  /** But for the rounding of the language model. */
  @Test
  void batchesDoNotMatter() {
    ProbingReport report = Probing.run(setup(200), request(), Progress.NONE, () -> false);
    assertThat(report.documentsFingerprint()).isEqualTo(expected.documentsFingerprint());
    assertThat(report.tasks()).isEqualTo(expected.tasks());
    expected
        .dictionaries()
        .forEach((name, of) ->
            of.sparse()
                .forEach((k, probes) -> {
                  ProbingReport.Probes other = report.dictionaries().get(name).sparse().get(k);
                  assertThat(other.accuracy().value())
                      .isCloseTo(probes.accuracy().value(), within(2e-3));
                }));
  }

  @Test
  void tablesHoldTheMeansOfUnits() {
    try (ProbingSource source = ProbingSource.open(setup(ProbingSetup.BATCH_IDS))) {
      LabelledDocuments documents =
          LabelledDocuments.read(
              CorpusSpec.parse(labels), source.tokenizer(), 60, TestSuite.CONTEXT, 0, false);
      Dictionary dictionary = source.dictionaries().getFirst();
      Hook hook = dictionary.contract().hookIn();
      try (UnitPass pass =
          new UnitPass(
              source.model(),
              documents.units(),
              Set.of(hook),
              List.of(new Coder("one", dictionary)))) {
        pass.run(source.tokenizer().special(), 300, Progress.NONE, () -> false);
        DenseTable activations = pass.activations(hook);
        SparseTable codes = pass.codes("one");
        assertThat(codes.rows()).isEqualTo(documents.size());
        for (int d = 0; d < documents.size(); d += 7) {
          TokenBatch alone =
              TokenBatch.of(new int[][] {documents.contexts()[d]}, source.tokenizer().special());
          try (TensorScope _ = TensorScope.open();
              Activations found = Capturing.activations(source.model(), alone, Set.of(hook));
              Codes code = dictionary.encode(found.at(hook))) {
            check(activations, d, Reductions.mean(found.at(hook), 0));
            Tensor mean = Reductions.mean(code.dense(), 0);
            int row = d;
            check(codes.pick(new int[] {row}, LinearProbeTest.all((int) code.features())), 0, mean);
          }
        }
      }
    }
  }

  private static void check(DenseTable table, int row, Tensor mean) {
    float[] values = mean.floats();
    for (int j = 0; j < values.length; j++) {
      assertThat(table.at(row, j))
          .isCloseTo(values[j], within(2e-3f + 1e-3f * Math.abs(values[j])));
    }
  }

  @Test
  void aFloorIsShownBesideAndMustFit() {
    Probing.Request with = new Probing.Request(DOCUMENTS, List.of(1), false, Optional.of(expected));
    ProbingReport report =
        Probing.run(
            setup(ProbingSetup.BATCH_IDS, labels, "L1R-1x"), with, Progress.NONE, () -> false);
    ProbingReport.OfDictionary of = report.dictionaries().get("L1R-1x");
    assertThat(of.random()).isEmpty();
    assertThat(of.floor().get(1).accuracy())
        .isEqualTo(expected.dictionaries().get("L1R-1x").sparse().get(1).accuracy());
    Probing.Request other =
        new Probing.Request(DOCUMENTS - 50, List.of(1), false, Optional.of(expected));
    assertThatThrownBy(
            () -> Probing.run(setup(256, labels, "L1R-1x"), other, Progress.NONE, () -> false))
        .hasMessageContaining("expected a floor that was probed on the same documents");
  }

  @Test
  void whatCannotBeProbedIsRefused() throws IOException {
    assertThatThrownBy(() ->
            Probing.run(setup(256, DemoSample.books()), request(), Progress.NONE, () -> false))
        .hasMessageContaining("expected documents with a category (or meta.category)");
    Path few = folder.resolve("few.jsonl");
    Files.writeString(
        few,
        "{\"text\": \"one\", \"category\": \"a\"}\n{\"text\": \"two\", \"category\": \"b\"}\n");
    assertThatThrownBy(
            () -> Probing.run(setup(256, few.toString()), request(), Progress.NONE, () -> false))
        .hasMessageContaining("expected a category with 50 training and 20 held-out documents");
    Probing.Request wide = new Probing.Request(100, List.of(100_000), false, Optional.empty());
    assertThatThrownBy(() -> Probing.run(setup(256), wide, Progress.NONE, () -> false))
        .hasMessageContaining("expected a k of at most 256")
        .hasMessageContaining("got 100000");
    assertThatThrownBy(() -> new Probing.Request(10, List.of(0), true, Optional.empty()))
        .hasMessageContaining("expected a k of 1 or more, got [0]");
  }

  @Test
  void workStopsWhenAsked() {
    for (int after = 0; after < 12; after += 3) {
      AtomicInteger asked = new AtomicInteger();
      int most = after;
      assertThatThrownBy(() ->
              Probing.run(
                  setup(ProbingSetup.BATCH_IDS),
                  request(),
                  Progress.NONE,
                  () -> asked.incrementAndGet() > most))
          .isInstanceOf(CancellationException.class);
    }
  }

  @Test
  void documentsAreOnTheirSideAndChosenEvenly() throws IOException {
    assertThat(LabelledDocuments.level(new int[] {100, 3, 50}, 43)).isEqualTo(20);
    assertThat(LabelledDocuments.level(new int[] {100, 3, 50}, 1_000)).isEqualTo(100);
    assertThat(LabelledDocuments.level(new int[] {5, 5}, 1)).isZero();
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 400; i++) {
      lines.append(
          "{\"text\": \"text %d\", \"meta\": {\"category\": \"%s\", \"split\": \"%s\"}}\n"
              .formatted(i, i % 4 == 0 ? "few" : "many", i % 2 == 0 ? "train" : "held-out"));
    }
    lines.append("{\"text\": \"no label\"}\n{\"text\": \"\", \"category\": \"few\"}\n");
    Path file = Files.writeString(folder.resolve("labels.jsonl"), lines);
    try (ProbingSource source = ProbingSource.open(setup(256))) {
      LabelledDocuments documents =
          LabelledDocuments.read(
              CorpusSpec.parse(file.toString()), source.tokenizer(), 100, 64, 0, false);
      assertThat(documents.categories()).containsExactly("few", "many");
      long few = IntStream.of(documents.category()).filter(c -> c == 0).count();
      assertThat(few).isBetween(39L, 40L); // 40 of each for training, 20 of one held out
      assertThat(documents.size()).isBetween(99, 100);
      for (int d = 0; d < documents.size(); d++) {
        assertThat(documents.isTest()[d] && documents.category()[d] == 0).isFalse();
      }
    }
  }

  private static AbsorptionReport absorption(int batchIds) {
    return Absorption.run(
        setup(batchIds, DemoSample.both(), "L1R-1x", "L1TC-1x"),
        TOKENS,
        Progress.NONE,
        () -> false);
  }

  private static double f1(AbsorptionReport.Letter letter) {
    return letter.f1().map(Score::value).orElse(0.0);
  }

  /** Threads to the last byte; batches but for the rounding of the language model. */
  @Test
  void absorptionDoesNotDependOnThreadsOrBatches() {
    AbsorptionReport report = absorption(ProbingSetup.BATCH_IDS);
    int before = Torch.threads();
    try {
      Torch.start(before == 1 ? 3 : 1);
      assertThat(json(absorption(ProbingSetup.BATCH_IDS))).isEqualTo(json(report));
    } finally {
      Torch.start(before);
    }
    AbsorptionReport small = absorption(300);
    assertThat(small.wordsFingerprint()).isEqualTo(report.wordsFingerprint());
    report
        .hooks()
        .forEach((hook, of) -> {
          for (int letter = 0; letter < of.letters().size(); letter++) {
            assertThat(f1(small.hooks().get(hook).letters().get(letter)))
                .as(hook + " " + letter)
                .isCloseTo(f1(of.letters().get(letter)), within(0.02));
          }
        });
  }

  @Test
  void absorptionSaysWhatIsNotMeasurable() {
    AbsorptionReport report = absorption(ProbingSetup.BATCH_IDS);
    assertThat(report.hooks().keySet())
        .containsExactlyInAnyOrder("blocks.1.hook_mlp_out", "blocks.1.hook_resid_post");
    assertThat(report.trainWords()).isGreaterThan(report.testWords()).isGreaterThan(300);
    report
        .hooks()
        .forEach((hook, of) -> {
          assertThat(of.letters()).hasSize(26);
          assertThat(of.letters().stream().filter(AbsorptionReport.Letter::measurable).count())
              .isEqualTo(of.measurable());
          assertThat(of.letters().get(25).f1()).as("z has too few words").isEmpty();
        });
    report
        .dictionaries()
        .forEach((name, of) -> {
          int measurable = report.hooks().get(of.hook()).measurable();
          assertThat(of.letters().size()).isLessThanOrEqualTo(measurable);
          assertThat(of.full().isPresent()).isEqualTo(!of.letters().isEmpty());
          assertThat(of.fraction().isPresent()).isEqualTo(!of.letters().isEmpty());
        });
    assertThat(report.measurable())
        .isEqualTo(report.hooks().values().stream().anyMatch(of -> of.measurable() > 0));
    Path file = folder.resolve("absorption.json");
    report.write(file);
    assertThat(json(AbsorptionReport.read(file))).isEqualTo(json(report));
  }
}
