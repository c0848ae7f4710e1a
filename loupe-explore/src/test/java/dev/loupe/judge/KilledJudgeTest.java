package dev.loupe.judge;

import static dev.loupe.judge.TestJudge.question;
import static dev.loupe.judge.TestJudge.setup;
import static org.assertj.core.api.Assertions.assertThat;

import dev.loupe.files.ChildJvm;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A JVM that asks is killed (SIGKILL) in the middle; what it was answered is not asked again. */
final class KilledJudgeTest {
  private static final int QUESTIONS = 40;
  private static final int ANSWERED = 10;
  private static final int AT_ONCE = 4; // as in the setup
  private static final int KILLED = 128 + 9;

  @TempDir private Path folder;

  @Test
  void paysForNothingTwice() throws IOException, InterruptedException {
    AtomicInteger requests = new AtomicInteger();
    CountDownLatch allWait = new CountDownLatch(AT_ONCE);
    CountDownLatch killed = new CountDownLatch(1);
    TestEndpoint.Behaviour tenThenNothing =
        (exchange, request, closed) -> {
          if (requests.incrementAndGet() > ANSWERED && killed.getCount() > 0) {
            allWait.countDown(); // so the ten before have been kept
            closed.await();
          } else {
            TestEndpoint.says("{\"items\":[]}").reply(exchange, request, closed);
          }
        };
    try (TestEndpoint server = TestEndpoint.open(tenThenNothing)) {
      Process process = child(server.base());
      try {
        assertThat(allWait.await(60, TimeUnit.SECONDS)).as("the child asks").isTrue();
      } finally {
        process.destroyForcibly();
      }
      assertThat(process.waitFor()).isEqualTo(KILLED);
      killed.countDown();
      List<String> before = texts(server).subList(0, ANSWERED);
      assertThat(texts(server)).hasSize(ANSWERED + AT_ONCE);

      askAll(server.base(), folder);

      List<String> all = texts(server);
      assertThat(new HashSet<>(all)).hasSize(QUESTIONS);
      // only what was under way at the kill went out again
      assertThat(all).hasSize(QUESTIONS + AT_ONCE);
      List<String> after = all.subList(ANSWERED + AT_ONCE, all.size());
      assertThat(after).doesNotContainAnyElementsOf(before);
      assertThat(Ledger.read(folder.resolve(JudgeSetup.LEDGER)))
          .hasSize(ANSWERED + QUESTIONS)
          .filteredOn(LedgerLine::cacheHit)
          .hasSize(ANSWERED);
    }
  }

  private static List<String> texts(TestEndpoint server) {
    return server.received().stream().map(TestEndpoint.Received::text).toList();
  }

  private Process child(URI server) throws IOException {
    return ChildJvm.brief(Child.class, server.toString(), folder.toString())
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static void askAll(URI server, Path folder) {
    try (EndpointJudge judge = EndpointJudge.open(setup(server, folder))) {
      List<Question> questions =
          IntStream.range(0, QUESTIONS).mapToObj(i -> question("q" + i)).toList();
      Crew.each(questions, 2 * AT_ONCE, () -> false, judge::ask);
    }
  }

  /** The JVM that is killed. */
  static final class Child {
    private Child() {}

    public static void main(String[] arguments) {
      askAll(URI.create(arguments[0]), Path.of(arguments[1]));
    }
  }
}
