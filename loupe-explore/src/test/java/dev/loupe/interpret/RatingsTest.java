package dev.loupe.interpret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loupe.analyze.Analysis;
import dev.loupe.analyze.AnalysisSetup;
import dev.loupe.analyze.TestSuite;
import dev.loupe.dictionary.Suite;
import dev.loupe.judge.AnswerCache;
import dev.loupe.judge.EndpointJudge;
import dev.loupe.judge.Ledger;
import dev.loupe.judge.LedgerLine;
import dev.loupe.judge.Replay;
import dev.loupe.judge.TestEndpoint;
import dev.loupe.judge.TestJudge;
import dev.loupe.store.FeatureStore;
import dev.loupe.text.DemoSample;
import dev.loupe.text.Progress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Explanations that a judge has tested, in the hands of people. */
final class RatingsTest {
  private static final int FEATURES = 8;

  @TempDir private static Path folder;
  private static Suite suite;
  private static Path cache;

  @BeforeAll
  static void explain() {
    suite = TestSuite.train(folder.resolve("suite"));
    cache = AnswerCache.folder(suite.directory());
    Analysis.run(
        TestSuite.setup(
            suite,
            AnalysisSetup.features(suite),
            DemoSample.both(),
            5_000,
            TestSuite.MAIN.toString()),
        Progress.NONE,
        () -> false);
    try (TestEndpoint endpoint = TestEndpoint.open(TestEndpoint.answering());
        EndpointJudge judge = EndpointJudge.open(TestJudge.setup(endpoint.base(), cache))) {
      Interpretation.run(setup(judge), Progress.NONE, () -> false);
    }
  }

  private static InterpretSetup setup(EndpointJudge judge) {
    return new InterpretSetup(
        suite,
        TestSuite.MAIN,
        List.of(new RuleExplainer()),
        List.of(
            new RuleScorer(CorpusWindows.NONE),
            new JudgedScorer(JudgedScorer.Test.DETECTION, TestSuite.MAIN, judge, "m", 0)),
        Optional.empty(),
        FEATURES,
        0,
        2);
  }

  private static Explanations explanations() {
    return Explanations.open(suite.directory(), TestSuite.MAIN, InstantSource.system());
  }

  private static RatingSheets sheets(JudgedScorer.Test test) {
    return new RatingSheets(TestSuite.MAIN, test, explanations(), new AnswerCache(cache));
  }

  /** The judge says yes to the first passage of each question, and no to all others. */
  @Test
  void sheetsHaveWhatTheJudgeSaidOfTheSamePassages() {
    RatingSheets sheets = sheets(JudgedScorer.Test.DETECTION);
    assertThat(sheets.judged()).isEqualTo(FEATURES);
    try (FeatureStore store = Analysis.open(suite, TestSuite.MAIN)) {
      RatingSheet sheet = sheets.next("Ada", List.of(), store).orElseThrow();
      assertThat(sheet.judge()).contains("m");
      assertThat(sheet.judged().getFirst()).contains(true);
      assertThat(sheet.judged().subList(1, sheet.items().size())).containsOnly(Optional.of(false));
      Rating rating = sheet.rated("Ada", Collections.nCopies(sheet.items().size(), true));
      assertThat(rating.items()).extracting(Rating.Item::active).contains(true, false);
      assertThatThrownBy(() -> sheet.rated("Ada", List.of(true)))
          .hasMessageContaining("of %d passages, got 1".formatted(sheet.items().size()));
    }
  }

  @Test
  void aTestThatNoJudgeMadeHasNoVerdicts() {
    RatingSheets sheets = sheets(JudgedScorer.Test.FUZZING);
    assertThat(sheets.judged()).isZero();
    try (FeatureStore store = Analysis.open(suite, TestSuite.MAIN)) {
      RatingSheet sheet = sheets.next("Ada", List.of(), store).orElseThrow();
      assertThat(sheet.judge()).isEmpty();
      assertThat(sheet.judged()).containsOnly(Optional.empty());
      assertThat(sheet.items()).anyMatch(item -> item.line().contains("«"));
    }
  }

  @Test
  void everyoneGetsEachOnceAndRatingsAreKept() {
    RatingSheets sheets = sheets(JudgedScorer.Test.DETECTION);
    Ratings ratings = Ratings.open(folder, TestSuite.MAIN, InstantSource.system());
    List<String> orders = new ArrayList<>();
    try (FeatureStore store = Analysis.open(suite, TestSuite.MAIN)) {
      for (String rater : List.of("Ada", "Bob")) {
        Set<String> rated = new HashSet<>();
        for (Optional<RatingSheet> next = sheets.next(rater, ratings.all(), store);
            next.isPresent();
            next = sheets.next(rater, ratings.all(), store)) {
          assertThat(rated.add(next.get().explanation().id())).isTrue();
          ratings.add(
              next.get().rated(rater, Collections.nCopies(next.get().items().size(), false)));
        }
        assertThat(rated).hasSize(FEATURES);
        orders.add(
            ratings.all().stream()
                .filter(r -> r.rater().equals(rater))
                .map(Rating::explanation)
                .toList()
                .toString());
      }
    }
    assertThat(orders.getFirst()).isNotEqualTo(orders.getLast());
    assertThat(Ratings.open(folder, TestSuite.MAIN, InstantSource.system()).all())
        .isEqualTo(ratings.all())
        .hasSize(2 * FEATURES);
  }

  @Test
  void theOverviewHoldsEveryFeatureOnce() {
    Overview overview = Overview.of(explanations(), 256);
    assertThat(overview.summary().explained()).isEqualTo(FEATURES);
    assertThat(overview.spreads())
        .extracting(s -> s.method() + " " + s.scorer())
        .containsExactly("rules detection", "rules rule");
    assertThat(overview.spreads())
        .allSatisfy(
            s -> assertThat(s.counts().stream().mapToInt(c -> c).sum()).isEqualTo(FEATURES));
    List<Overview.Place> worst = overview.standings().get("rule").worst();
    assertThat(worst)
        .hasSize(FEATURES)
        .isSortedAccordingTo(Comparator.comparingDouble(Overview.Place::value));
    assertThat(overview.standings().get("rule").uncertain())
        .isSortedAccordingTo(Comparator.comparingDouble((Overview.Place p) -> p.low() - p.high()));
  }

  @Test
  void theLastRunIsToldAndHowItEnded() {
    InterpretRun done = InterpretRun.read(suite.directory(), TestSuite.MAIN).orElseThrow();
    assertThat(done.state()).isEqualTo(InterpretRun.State.DONE);
    assertThat(done.done()).isEqualTo(done.total()).isEqualTo(FEATURES);
    InterpretSetup setup =
        new InterpretSetup(
            suite,
            TestSuite.MAIN,
            List.of(new RuleExplainer()),
            List.of(),
            Optional.empty(),
            2 * FEATURES,
            0,
            1);
    assertThatThrownBy(() -> Interpretation.run(setup, Progress.NONE, () -> true))
        .isInstanceOf(CancellationException.class);
    InterpretRun stopped = InterpretRun.read(suite.directory(), TestSuite.MAIN).orElseThrow();
    assertThat(stopped.state()).isEqualTo(InterpretRun.State.STOPPED);
    assertThat(stopped.message()).contains("goes on");
    assertThat(stopped.stage()).startsWith("explaining");
  }

  @Test
  void aQuestionIsAskedAgainAsItWas() {
    LedgerLine asked = Ledger.read(cache.resolve("ledger.jsonl")).getFirst();
    Replay replay = Replay.find(cache, asked.key());
    try (TestEndpoint endpoint =
            TestEndpoint.open(TestEndpoint.says("{\"items\": [{\"id\":1,\"active\":true}]}"));
        EndpointJudge judge =
            EndpointJudge.open(TestJudge.setup(endpoint.base(), folder.resolve("replays")))) {
      assertThat(replay.isSame(judge.ask(replay.question()))).isFalse();
      assertThat(endpoint.received()).hasSize(1);
      assertThat(endpoint.received().getFirst().text()).contains(replay.kept().user());
      assertThat(replay.isSame(replay.kept().answer(""))).isTrue();
    }
    assertThatThrownBy(() -> Replay.find(cache, "0".repeat(64))).hasMessageContaining("got none");
    assertThatThrownBy(() -> Replay.find(cache, "../x")).hasMessageContaining("hexadecimal");
  }
}
