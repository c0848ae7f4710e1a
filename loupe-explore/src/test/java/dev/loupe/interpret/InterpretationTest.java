package dev.loupe.interpret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loupe.analyze.Analysis;
import dev.loupe.analyze.AnalysisSetup;
import dev.loupe.analyze.TestSuite;
import dev.loupe.dictionary.Suite;
import dev.loupe.judge.Answer;
import dev.loupe.judge.Judge;
import dev.loupe.text.DemoSample;
import dev.loupe.text.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run over a real store that is ended somewhere, and goes on. */
final class InterpretationTest {
  private static final int FEATURES = 70; // three times as many as are written at once, nearly

  @TempDir private static Path folder;
  private static Suite suite;
  private static Path file;
  private static byte[] whole; // the file of a run that nothing ended
  private static Map<Integer, List<Said>> truth;

  private final Queue<String> explained = new ConcurrentLinkedQueue<>();
  private final Queue<String> scored = new ConcurrentLinkedQueue<>();

  /** An explanation with its scores, whenever they were written. */
  private record Said(Explanation explanation, List<Score> scores) {}

  @BeforeAll
  static void runOnce() throws IOException {
    suite = TestSuite.train(folder.resolve("suite"));
    Analysis.run(
        TestSuite.setup(
            suite,
            AnalysisSetup.features(suite),
            DemoSample.both(),
            5_000,
            TestSuite.MAIN.toString()),
        Progress.NONE,
        () -> false);
    file = suite.directory().resolve(Explanations.FOLDER).resolve(TestSuite.MAIN + ".jsonl");
    new InterpretationTest().run(() -> false);
    whole = Files.readAllBytes(file);
    truth = said();
  }

  @BeforeEach
  void forget() throws IOException {
    Files.deleteIfExists(file);
  }

  private void run(BooleanSupplier stop) {
    List<Explainer> explainers =
        List.of(
            counted(new RuleExplainer()),
            counted(new TokenExplainer()),
            counted(new CategoryExplainer()));
    InterpretSetup setup =
        new InterpretSetup(
            suite,
            TestSuite.MAIN,
            explainers,
            List.of(counted(new RuleScorer(CorpusWindows.NONE))),
            Optional.empty(),
            FEATURES,
            5,
            2);
    Interpretation.run(setup, Progress.NONE, stop);
  }

  private Explainer counted(Explainer explainer) {
    return new Explainer() {
      @Override
      public String method() {
        return explainer.method();
      }

      @Override
      public Optional<Explanation> explain(ExampleSets sets, String basis) {
        Optional<Explanation> made = explainer.explain(sets, basis);
        explained.add(sets.feature() + " " + method());
        return made;
      }
    };
  }

  private Scorer counted(Scorer scorer) {
    return new Scorer() {
      @Override
      public String name() {
        return scorer.name();
      }

      @Override
      public boolean tests(Explanation explanation) {
        return scorer.tests(explanation);
      }

      @Override
      public Outcome score(Explanation explanation, ExampleSets sets) {
        if (explanation.feature() == sets.feature()) {
          scored.add(explanation.id());
        }
        return scorer.score(explanation, sets);
      }
    };
  }

  private static Map<Integer, List<Said>> said() {
    return Explanations.open(suite.directory(), TestSuite.MAIN, InstantSource.system())
        .each(all ->
            Optional.of(
                all.explained().stream()
                    .map(each -> new Said(each.explanation(), each.scores()))
                    .toList()));
  }

  private static int lines(byte[] bytes) {
    int lines = 0;
    for (byte each : bytes) {
      lines += each == '\n' ? 1 : 0;
    }
    return lines;
  }

  @Test
  void explainsAndTestsEveryFeatureOnce() {
    run(() -> false);
    assertThat(said()).isEqualTo(truth).hasSize(FEATURES);
    List<Said> all = truth.values().stream().flatMap(List::stream).toList();
    assertThat(all).extracting(each -> each.explanation().id()).doesNotHaveDuplicates();
    assertThat(all)
        .filteredOn(each -> each.explanation().rules().isPresent())
        .isNotEmpty()
        .allSatisfy(each -> assertThat(each.scores()).hasSize(1));
    assertThat(all).flatExtracting(Said::scores).anyMatch(score -> score.lift().isPresent());
    assertThat(explained).doesNotHaveDuplicates().hasSize(3 * FEATURES);
    assertThat(all).as("few have a category").hasSizeLessThan(explained.size());
    assertThat(scored).doesNotHaveDuplicates();
  }

  @Test
  void theSameCommandAgainAddsNothing() throws IOException {
    Files.write(file, whole);
    run(() -> false);
    assertThat(file).hasBinaryContent(whole);
    assertThat(explained).isEmpty();
    assertThat(scored).isEmpty();
  }

  @Test
  void somebodyWhoSaidNothingIsAskedAgain() {
    AtomicInteger asked = new AtomicInteger();
    Explainer silent =
        new Explainer() {
          @Override
          public String method() {
            return "paper";
          }

          @Override
          public boolean asks() {
            return true;
          }

          @Override
          public Optional<Explanation> explain(ExampleSets sets, String basis) {
            asked.getAndIncrement();
            return Optional.empty();
          }
        };
    InterpretSetup setup =
        new InterpretSetup(
            suite, TestSuite.MAIN, List.of(silent), List.of(), Optional.empty(), 3, 5, 1);
    Interpretation.run(setup, Progress.NONE, () -> false);
    Interpretation.run(setup, Progress.NONE, () -> false);
    assertThat(asked).hasValue(6);
  }

  /** A kill leaves any part of what was to be written. */
  @Test
  void whateverAKillLeavesIsFinishedWithoutPayingTwice() throws IOException {
    Random random = new Random(11);
    List<Integer> cuts = new ArrayList<>(List.of(0, 1, whole.length - 1));
    random.ints(6, 2, whole.length - 1).forEach(cuts::add);
    for (int cut : cuts) {
      byte[] left = Arrays.copyOf(whole, cut);
      Files.write(file, left);
      explained.clear();
      scored.clear();
      run(() -> false);
      assertThat(said()).as("killed after %d bytes", cut).isEqualTo(truth);
      // a last line without its end is whole for all that
      assertThat(explained.size() + scored.size())
          .as("killed after %d bytes", cut)
          .isBetween(lines(whole) - lines(left) - 1, lines(whole) - lines(left));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 40, 110})
  void aRunThatIsStoppedKeepsWhatIsDone(int after) throws IOException {
    AtomicInteger asked = new AtomicInteger();
    assertThatThrownBy(() -> run(() -> asked.getAndIncrement() >= after))
        .isInstanceOf(CancellationException.class)
        .hasMessageContaining("the same command goes on");
    int kept = Files.exists(file) ? lines(Files.readAllBytes(file)) : 0;
    assertThat(kept > 0).isEqualTo(after >= 32);
    explained.clear();
    scored.clear();
    run(() -> false);
    assertThat(said()).isEqualTo(truth);
    assertThat(explained.size() + scored.size()).isEqualTo(lines(whole) - kept);
  }

  /** What an endpoint did not answer may be answered another time. */
  @Test
  void testsThatLackAnswersAreAskedAgain() {
    AtomicInteger asked = new AtomicInteger();
    Judge judge =
        question ->
            asked.incrementAndGet() == 2 // of the first test
                ? new Answer(dev.loupe.judge.Outcome.UNREACHABLE, "", "")
                : new Answer(
                    dev.loupe.judge.Outcome.ANSWERED,
                    "{\"items\": [{\"id\": 1, \"active\": true, \"p\": 1}]}",
                    "");
    InterpretSetup setup =
        new InterpretSetup(
            suite,
            TestSuite.MAIN,
            List.of(new RuleExplainer()),
            List.of(new JudgedScorer(JudgedScorer.Test.DETECTION, TestSuite.MAIN, judge, "m", 0)),
            Optional.empty(),
            5,
            0,
            1);
    Interpretation.run(setup, Progress.NONE, () -> false);
    assertThat(detections()).isEqualTo(4);
    int before = asked.get();
    Interpretation.run(setup, Progress.NONE, () -> false);
    assertThat(detections()).isEqualTo(5);
    int again = asked.get() - before; // questions of one feature, and of its baseline
    assertThat(again).isPositive().isLessThan(before / 2);
    Interpretation.run(setup, Progress.NONE, () -> false);
    assertThat(asked.get()).isEqualTo(before + again);
  }

  private static long detections() {
    return Explanations.open(suite.directory(), TestSuite.MAIN, InstantSource.system())
        .each(Optional::of)
        .values()
        .stream()
        .flatMap(of -> of.current().stream())
        .filter(e -> e.score("detection").isPresent())
        .count();
  }
}
