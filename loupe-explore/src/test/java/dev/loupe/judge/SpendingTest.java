package dev.loupe.judge;

import static dev.loupe.judge.TestEndpoint.says;
import static dev.loupe.judge.TestJudge.open;
import static dev.loupe.judge.TestJudge.priced;
import static dev.loupe.judge.TestJudge.question;
import static dev.loupe.judge.TestJudge.setup;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Price, budget, ledger, cache and pace. */
final class SpendingTest {
  private static final String GOOD = "{\"items\":[]}";

  @TempDir private Path folder;
  private final ManualTime time = new ManualTime();

  @Test
  void theLedgerHasEveryCall() {
    try (TestEndpoint server = TestEndpoint.open(TestEndpoint.error(500, "oh"), says(GOOD));
        EndpointJudge judge = open(priced(server.base(), folder, "1"), time)) {
      Answer answer = judge.ask(question("?"));
      judge.ask(question("?"));

      List<LedgerLine> lines = Ledger.read(folder.resolve(JudgeSetup.LEDGER));
      assertThat(lines).hasSize(2);
      LedgerLine line = lines.getFirst();
      assertThat(line.feature()).hasToString("L0R-8x/7");
      assertThat(line.stage()).isEqualTo("detection");
      assertThat(line.model()).isEqualTo("m");
      assertThat(line.key()).isEqualTo(answer.key());
      assertThat(line.promptTokens()).isEqualTo(1_000);
      assertThat(line.cachedTokens()).isEqualTo(40);
      assertThat(line.completionTokens()).isEqualTo(100);
      assertThat(line.price()).isEqualByComparingTo("0.02");
      assertThat(line.attempts()).isEqualTo(2);
      assertThat(line.cacheHit()).isFalse();
      assertThat(lines.getLast().cacheHit()).isTrue();
      assertThat(lines.getLast().price()).isZero();
      assertThat(judge.spending())
          .isEqualTo(new Spending(1, 1, 0, 1_000, 100, judge.spending().price()));
      assertThat(judge.spending().price()).isEqualByComparingTo("0.02");
    }
  }

  @Test
  void nothingIsPaidTwice() {
    List<Question> questions = IntStream.range(0, 20).mapToObj(i -> question("q" + i)).toList();
    try (TestEndpoint server = TestEndpoint.open(says(GOOD))) {
      try (EndpointJudge judge = open(setup(server.base(), folder), time)) {
        // each four times at once
        List<Question> often = IntStream.range(0, 80).mapToObj(i -> questions.get(i % 20)).toList();
        Crew.each(often, 16, () -> false, judge::ask);
        assertThat(server.received()).hasSize(20);
        assertThat(server.mostUnderWay()).isLessThanOrEqualTo(4);
      }
      try (EndpointJudge judge = open(setup(server.base(), folder), time)) {
        questions.forEach(judge::ask);
        assertThat(server.received()).hasSize(20);
        assertThat(judge.spending().calls()).isZero();
        assertThat(judge.spending().cacheHits()).isEqualTo(20);
        assertThat(judge.tokens().isLearned()).isTrue(); // from what is kept
      }
    }
  }

  @Test
  void badAnswersArePaidOnceToo() {
    try (TestEndpoint server = TestEndpoint.open(says("no JSON"));
        EndpointJudge judge = open(setup(server.base(), folder), time)) {
      assertThat(judge.ask(question("?"))).isEqualTo(judge.ask(question("?")));
      assertThat(server.received()).hasSize(1);
    }
  }

  /** A worst case is some 180 bytes at 10 a million and 200 tokens at 100 a million: 0.0217. */
  @Test
  void theBudgetIsNeverOverrun() {
    try (TestEndpoint server = TestEndpoint.open(says(GOOD));
        EndpointJudge judge = open(priced(server.base(), folder, "0.1"), time)) {
      List<Question> questions = IntStream.range(0, 50).mapToObj(i -> question("q" + i)).toList();
      assertThatThrownBy(() -> Crew.each(questions, 50, () -> false, judge::ask))
          .isInstanceOf(JudgeException.class)
          .hasMessageContaining("the budget of 0.1")
          .hasMessageContaining("larger --budget");
      // a fifth might not fit; the fourth is not sent where the fifth was refused before
      int sent = server.received().size();
      assertThat(sent).isBetween(3, 4);
      assertThat(judge.spending().price())
          .isEqualByComparingTo(new BigDecimal("0.02").multiply(BigDecimal.valueOf(sent)));
    }
  }

  @Test
  void whatMayHaveBeenPaidCountsAsPaid() {
    try (TestEndpoint server = TestEndpoint.open(TestEndpoint.breaksOff());
        EndpointJudge judge = open(priced(server.base(), folder, "0.05"), time)) {
      assertThatThrownBy(() -> judge.ask(question("?")))
          .isInstanceOf(JudgeException.class)
          .hasMessageContaining("the budget of 0.05");
      assertThat(server.received()).hasSize(2);
      assertThat(judge.spending().price())
          .isGreaterThan(new BigDecimal("0.04"))
          .isLessThanOrEqualTo(new BigDecimal("0.05"));
    }
  }

  @Test
  void aPriceWantsABudget() {
    JudgeSetup setup = setup(URI.create("http://127.0.0.1:9/v1"), folder);
    assertThatThrownBy(() ->
            new JudgeSetup(
                setup.endpoint(),
                Price.parse("1/2"),
                Optional.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                1,
                setup.timeout(),
                folder))
        .hasMessageContaining("--budget");
    assertThatThrownBy(() -> Price.parse("1")).hasMessageContaining("0.15/0.60");
    assertThatThrownBy(() -> Price.parse("1/x")).hasMessageContaining("0.15/0.60");
    assertThatThrownBy(() -> Price.parse("-1/1")).hasMessageContaining("0 or more");
  }

  @Test
  void questionsThatDifferInAnythingAreOthers() {
    Question question = question("?");
    List<Question> others =
        List.of(
            question("??"),
            new Question("x", "?", question.shape(), 200, 0, "detection", question.feature()),
            new Question(
                question.system(), "?", question.shape(), 201, 0, "detection", question.feature()),
            new Question(
                question.system(), "?", question.shape(), 200, 1, "detection", question.feature()));
    String key = AnswerCache.key("m", question);
    assertThat(others).noneMatch(other -> AnswerCache.key("m", other).equals(key));
    assertThat(AnswerCache.key("n", question)).isNotEqualTo(key);
    // the bytes of a prompt are the same in every run
    assertThat(key).isEqualTo("cc34a5d485548b957b33db6868dad94bf583ac02c5eacd54f1b611e9a4b84b04");
  }

  @Test
  void whatIsKeptCanBeReadAndAskedAgain() {
    try (TestEndpoint server = TestEndpoint.open(says(GOOD));
        EndpointJudge judge = open(setup(server.base(), folder), time)) {
      Question question = question("Why «this»?");
      Answer answer = judge.ask(question);
      AnswerCache.Exchange kept = new AnswerCache(folder).find(answer.key()).orElseThrow();
      assertThat(kept.user()).isEqualTo(question.user());
      assertThat(kept.system()).isEqualTo(question.system());
      assertThat(kept.text()).isEqualTo(GOOD);
    }
  }

  @Test
  void aLineThatAKillLeftHalfIsReadOver() throws IOException {
    Path file = folder.resolve(JudgeSetup.LEDGER);
    try (TestEndpoint server = TestEndpoint.open(says(GOOD))) {
      try (EndpointJudge judge = open(setup(server.base(), folder), time)) {
        judge.ask(question("1"));
      }
      Files.writeString(file, "{\"time\":\"20", StandardOpenOption.APPEND);
      try (EndpointJudge judge = open(setup(server.base(), folder), time)) {
        judge.ask(question("2"));
      }
    }
    assertThat(Ledger.read(file)).hasSize(2);
  }

  @Test
  void thePaceIsKept() throws InterruptedException {
    Pace pace = new Pace(OptionalInt.of(60), OptionalInt.empty(), time);
    for (int i = 0; i < 11; i++) {
      pace.await(1);
    }
    assertThat(seconds()).isCloseTo(10, within(1e-6)); // one at once, then one a second

    Pace tokens = new Pace(OptionalInt.of(6_000), OptionalInt.of(60_000), time);
    double before = seconds();
    for (int i = 0; i < 10; i++) {
      tokens.await(2_000);
    }
    assertThat(seconds() - before).isCloseTo(19, within(1e-6)); // 20,000 less the first 1,000
  }

  private double seconds() {
    return time.nanos() / 1e9;
  }

  @Test
  void theEstimateFollowsTheAnswers() {
    TokenEstimate tokens = new TokenEstimate();
    Question question = question("x".repeat(1_000 - 10 - 17)); // 1,000 characters with the rest
    List<List<Question>> sample = Collections.nCopies(20, List.of(question, question));
    Price price = Price.parse("10/100");
    CostEstimate first = CostEstimate.of(sample, 2_000, tokens, price);
    assertThat(first.calls()).isEqualTo(4_000);
    assertThat(first.promptTokens()).isEqualTo(1_000_000);
    assertThat(first.completionTokens()).isEqualTo(400_000);
    assertThat(first.likely()).isEqualByComparingTo("50");
    assertThat(first.most()).isEqualByComparingTo("90");
    for (int i = 0; i < 3; i++) {
      tokens.learn(question, new Usage(500, 0, 20, true));
    }
    CostEstimate second = CostEstimate.of(sample, 2_000, tokens, price);
    assertThat(second.promptTokens()).isEqualTo(2_000_000);
    assertThat(second.completionTokens()).isEqualTo(80_000);
    assertThat(tokens.charactersPerToken()).isEqualTo(2);
  }

  @Test
  void waitsGrowAndStayRandom() {
    Backoff backoff = Backoff.USUAL;
    Random random = new Random(5);
    for (int attempt = 1; attempt < 80; attempt++) {
      Duration bound = Duration.ofSeconds(Math.min(60, 1L << Math.min(attempt - 1, 10)));
      assertThat(backoff.before(attempt, Optional.empty(), random)).isBetween(Duration.ZERO, bound);
    }
  }
}
