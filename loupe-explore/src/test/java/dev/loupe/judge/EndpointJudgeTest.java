package dev.loupe.judge;

import static dev.loupe.judge.TestEndpoint.body;
import static dev.loupe.judge.TestEndpoint.completion;
import static dev.loupe.judge.TestEndpoint.error;
import static dev.loupe.judge.TestEndpoint.says;
import static dev.loupe.judge.TestJudge.open;
import static dev.loupe.judge.TestJudge.question;
import static dev.loupe.judge.TestJudge.setup;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A judge and a server that does whatever a server can. */
final class EndpointJudgeTest {
  private static final String GOOD = "{\"items\":[{\"id\":1,\"active\":true}]}";

  @TempDir private Path folder;
  private final ManualTime time = new ManualTime();

  @Test
  void asksInTheProtocolsForm() {
    try (TestEndpoint server = TestEndpoint.open(says(GOOD));
        EndpointJudge judge = open(setup(server.base(), folder), time)) {
      Answer answer = judge.ask(question("What?"));

      assertThat(answer.outcome()).isEqualTo(Outcome.ANSWERED);
      assertThat(answer.items("items", Set.of(1)).get(1).path("active").booleanValue()).isTrue();
      TestEndpoint.Received request = server.received().getFirst();
      assertThat(request.path()).isEqualTo("/v1/chat/completions");
      assertThat(request.body().path("model").asText()).isEqualTo("m");
      assertThat(request.body().path("max_tokens").asInt()).isEqualTo(200);
      assertThat(request.body().path("temperature").asDouble()).isZero();
      assertThat(request.body().at("/response_format/json_schema/name").asText())
          .isEqualTo("items");
      assertThat(request.body().at("/response_format/json_schema/schema/type").asText())
          .isEqualTo("object");
      assertThat(request.body().at("/messages/0/role").asText()).isEqualTo("system");
      assertThat(request.body().at("/messages/1/content").asText()).isEqualTo("What?");
      // nothing about the machine
      assertThat(request.headers().keySet())
          .noneMatch(name -> name.toLowerCase(Locale.ROOT).startsWith("x-"))
          .doesNotContain("Authorization");
      assertThat(request.headers().getFirst("User-Agent")).isEqualTo("loupe");
    }
  }

  static Stream<Arguments> fatal() {
    return Stream.of(
        Arguments.of(error(401, "bad key"), "status 401", ApiKey.VARIABLE),
        Arguments.of(error(403, "not you"), "status 403", ApiKey.VARIABLE),
        Arguments.of(error(404, "no such model"), "no such model", "the model's name"),
        Arguments.of(error(402, "pay"), "status 402", "pay"),
        Arguments.of(
            body(429, "{\"error\":{\"message\":\"quota\",\"code\":\"insufficient_quota\"}}"),
            "status 429",
            "quota"),
        Arguments.of(error(400, "something else"), "status 400", "something else"));
  }

  @ParameterizedTest
  @MethodSource("fatal")
  void whatCannotGetBetterStopsWithAMessage(
      TestEndpoint.Behaviour behaviour, String said, String next) {
    try (TestEndpoint server = TestEndpoint.open(behaviour);
        EndpointJudge judge = open(setup(server.base(), folder), time)) {
      assertThatThrownBy(() -> judge.ask(question("?")))
          .isInstanceOf(JudgeException.class)
          .hasMessageContaining("model 'm'")
          .hasMessageContaining(server.base().toString())
          .hasMessageContaining(said)
          .hasMessageContaining(next);
      assertThat(time.pauses()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void redirectsAreNotFollowed(int status) {
    try (TestEndpoint other = TestEndpoint.open(says(GOOD))) {
      String there = other.base() + "/chat/completions";
      try (TestEndpoint server = TestEndpoint.open(body(status, "", "Location", there));
          EndpointJudge judge = open(setup(server.base(), folder), time)) {
        assertThatThrownBy(() -> judge.ask(question("?")))
            .isInstanceOf(JudgeException.class)
            .hasMessageContaining("redirects are not followed");
        assertThat(other.received()).isEmpty();
        assertThat(server.received()).hasSize(1);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 429, 500, 502, 503, 504})
  void whatMayGetBetterIsAskedAgain(int status) {
    try (TestEndpoint server =
            TestEndpoint.open(error(status, "busy"), error(status, "busy"), says(GOOD));
        EndpointJudge judge = open(setup(server.base(), folder), time)) {
      assertThat(judge.ask(question("?")).outcome()).isEqualTo(Outcome.ANSWERED);
      assertThat(server.received()).hasSize(3);
      assertThat(time.pauses()).hasSize(2);
      assertThat(time.pauses().getFirst()).isBetween(Duration.ZERO, Duration.ofSeconds(1));
      assertThat(time.pauses().getLast()).isBetween(Duration.ZERO, Duration.ofSeconds(2));
      assertThat(ledger().getFirst().attempts()).isEqualTo(3);
    }
  }

  @Test
  void waitsAsLongAsItIsAskedTo() {
    try (TestEndpoint server =
            TestEndpoint.open(error(429, "busy", "Retry-After", "17"), says(GOOD));
        EndpointJudge judge = open(setup(server.base(), folder), time)) {
      judge.ask(question("?"));
      assertThat(time.pauses().getFirst())
          .isBetween(Duration.ofSeconds(17), Duration.ofSeconds(18));
    }
  }

  @Test
  void doesNotWaitForHours() {
    try (TestEndpoint server = TestEndpoint.open(error(429, "daily", "Retry-After", "7200"));
        EndpointJudge judge = open(setup(server.base(), folder), time)) {
      assertThatThrownBy(() -> judge.ask(question("?")))
          .isInstanceOf(JudgeException.class)
          .hasMessageContaining("7,2")
          .hasMessageContaining("the same command goes on");
      assertThat(time.pauses()).isEmpty();
    }
  }

  static Stream<Arguments> broken() {
    return Stream.of(
        Arguments.of(30_000, TestEndpoint.breaksOff(), "fixed content-length"),
        Arguments.of(
            30_000, (TestEndpoint.Behaviour) (exchange, _, _) -> exchange.close(), "no bytes"),
        Arguments.of(30_000, body(200, "{\"choices\":[{\"mess"), "no answer of the chat protocol"),
        Arguments.of(30_000, body(200, "<html>hello</html>"), "no answer of the chat protocol"),
        Arguments.of(30_000, body(200, "[1,2]"), "no answer of the chat protocol"),
        Arguments.of(30_000, body(200, "{\"a\":1}"), "no answer of the chat protocol"),
        Arguments.of(30_000, TestEndpoint.floods(), "body exceeds"),
        Arguments.of(70, TestEndpoint.hangs(), "no whole answer within 70 ms"),
        Arguments.of(70, TestEndpoint.drips(), "no whole answer within 70 ms"));
  }

  @ParameterizedTest
  @MethodSource("broken")
  void noAnswerIsUnansweredAndThriceInARowTheEnd(
      int timeout, TestEndpoint.Behaviour behaviour, String said) {
    try (TestEndpoint server = TestEndpoint.open(behaviour);
        EndpointJudge judge = open(TestJudge.hasty(server.base(), folder, timeout), time)) {
      Answer answer = judge.ask(question("1?"));
      assertThat(answer.outcome()).isEqualTo(Outcome.UNREACHABLE);
      assertThat(answer.items("items", Set.of(1))).isEmpty();
      assertThat(ledger().getFirst().attempts()).isEqualTo(6);
      judge.ask(question("2?"));
      assertThatThrownBy(() -> judge.ask(question("3?")))
          .isInstanceOf(JudgeException.class)
          .hasMessageContaining("3 questions in a row, each sent 6 times")
          .hasMessageContaining(said)
          .hasMessageContaining("the same command goes on");
      assertThat(ledger()).hasSize(3).allMatch(line -> line.outcome() == Outcome.UNREACHABLE);
    }
  }

  @Test
  void nobodyThereIsTheEnd() {
    URI gone;
    try (TestEndpoint server = TestEndpoint.open(says(GOOD))) {
      gone = server.base();
    }
    try (EndpointJudge judge = open(TestJudge.priced(gone, folder, "1"), time)) {
      judge.ask(question("1?"));
      judge.ask(question("2?"));
      assertThatThrownBy(() -> judge.ask(question("3?")))
          .isInstanceOf(JudgeException.class)
          .hasMessageContaining("connection refused");
      assertThat(judge.spending().price()).isZero(); // nothing was sent
    }
  }

  static Stream<Arguments> answers() {
    ObjectNode refusal = completion("stop");
    ((ObjectNode) refusal.at("/choices/0/message")).put("refusal", "no").putNull("content");
    ObjectNode empty = completion("stop");
    empty.putArray("choices");
    ObjectNode wrongType = completion("stop");
    ((ObjectNode) wrongType.at("/choices/0/message")).put("content", GOOD);
    wrongType.put("usage", "none");
    ObjectNode noUsage = wrongType.deepCopy();
    noUsage.remove("usage");
    ObjectNode plain = completion("stop");
    ((ObjectNode) plain.at("/choices/0/message")).put("content", GOOD);
    return Stream.of(
        Arguments.of(says("Sure! Here:\n```json\n" + GOOD + "\n```\nThat's it."), "ANSWERED", 1),
        Arguments.of(says("<think>maybe {x}</think>" + GOOD), "ANSWERED", 1),
        Arguments.of(says("I think all of them."), "UNREADABLE", 0),
        Arguments.of(says(""), "UNREADABLE", 0),
        Arguments.of(says("{\"other\":[1]}"), "ANSWERED", 0),
        Arguments.of(says("{\"items\":7}"), "ANSWERED", 0),
        Arguments.of(says("{\"items\":[{\"id\":2}]}"), "ANSWERED", 0),
        Arguments.of(says("{\"items\":[{\"id\":1},{\"id\":1}]}"), "ANSWERED", 0),
        Arguments.of(
            says("{\"items\":[{\"id\":\"1\"},{\"id\":1.5},{\"id\":null},3]}"), "ANSWERED", 1),
        Arguments.of(says("{\"items\":[{\"id\":1},{\"id\":2,\"act", "length"), "CUT", 1),
        Arguments.of(says(GOOD, "content_filter"), "REFUSED", 1),
        Arguments.of(body(200, refusal.toString()), "REFUSED", 0),
        Arguments.of(body(200, empty.toString()), "UNREADABLE", 0),
        Arguments.of(body(200, wrongType.toString()), "ANSWERED", 1),
        Arguments.of(body(200, noUsage.toString()), "ANSWERED", 1),
        Arguments.of(body(200, plain.toString(), "Content-Type", "text/html"), "ANSWERED", 1));
  }

  @ParameterizedTest
  @MethodSource("answers")
  void badAnswersCostTheirItems(TestEndpoint.Behaviour behaviour, String outcome, int items) {
    try (TestEndpoint server = TestEndpoint.open(behaviour);
        EndpointJudge judge = open(setup(server.base(), folder), time)) {
      Answer answer = judge.ask(question("?"));
      assertThat(answer.outcome()).isEqualTo(Outcome.valueOf(outcome));
      assertThat(answer.items("items", Set.of(1))).hasSize(items);
      assertThat(ledger().getFirst().outcome()).isEqualTo(answer.outcome());
    }
  }

  @Test
  void asksInAPlainerFormWhereTheEndpointWantsOne() {
    try (TestEndpoint server =
            TestEndpoint.open(
                error(400, "Use 'max_completion_tokens' instead"),
                error(400, "'temperature' does not support 0"),
                error(422, "json_schema is not known"),
                error(400, "nor is response_format"),
                error(400, "System role not supported"),
                says(GOOD));
        EndpointJudge judge = open(setup(server.base(), folder), time)) {
      assertThat(judge.ask(question("?")).outcome()).isEqualTo(Outcome.ANSWERED);
      assertThat(judge.ask(question("and?")).outcome()).isEqualTo(Outcome.ANSWERED);
      assertThat(server.received()).hasSize(7); // what was learned stays
      ObjectNode last = server.received().getLast().body();
      assertThat(last.path("max_completion_tokens").asInt()).isEqualTo(200);
      assertThat(last.has("max_tokens")).isFalse();
      assertThat(last.has("temperature")).isFalse();
      assertThat(last.has("response_format")).isFalse();
      assertThat(last.path("messages")).hasSize(1);
      assertThat(last.at("/messages/0/content").asText()).isEqualTo("You judge.\n\nand?");
      assertThat(ledger()).allMatch(line -> line.attempts() == 1);
    }
  }

  @Test
  void anInterruptEndsACall() throws InterruptedException {
    try (TestEndpoint server = TestEndpoint.open(TestEndpoint.hangs());
        EndpointJudge judge = open(setup(server.base(), folder), time)) {
      Throwable[] thrown = new Throwable[1];
      Thread thread =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  judge.ask(question("?"));
                } catch (CancellationException e) {
                  thrown[0] = e;
                }
              });
      while (server.received().isEmpty()) {
        Thread.onSpinWait();
      }
      thread.interrupt();
      thread.join();
      assertThat(thrown[0]).isInstanceOf(CancellationException.class);
      assertThat(ledger()).hasSize(1);
    }
  }

  private List<LedgerLine> ledger() {
    return Ledger.read(folder.resolve(JudgeSetup.LEDGER));
  }
}
