package dev.loupe.judge;

import static dev.loupe.judge.TestJudge.open;
import static dev.loupe.judge.TestJudge.question;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loupe.files.FolderFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the key goes, and where it does not. */
final class JudgeKeyTest {
  private static final String KEY = "sk-secret-0123456789";
  private static final URI REMOTE = URI.create("https://judge.example/v1");
  private static final URI LOCAL = URI.create("http://127.0.0.1:9/v1");

  @TempDir private Path folder;

  @Test
  void comesFromTheEnvironment() {
    assertThat(header(Map.of(ApiKey.VARIABLE, KEY, "OPENAI_API_KEY", "sk-other-key"), REMOTE))
        .contains("Bearer " + KEY);
    assertThat(header(Map.of("OPENAI_API_KEY", KEY), REMOTE)).contains("Bearer " + KEY);
    assertThat(header(Map.of("OPENAI_API_KEY", KEY), LOCAL)).isEmpty(); // not meant for it
    assertThat(header(Map.of(ApiKey.VARIABLE, " "), LOCAL)).isEmpty();
  }

  private static Optional<String> header(Map<String, String> environment, URI endpoint) {
    return ApiKey.of(environment, endpoint).map(ApiKey::header);
  }

  @Test
  void isAskedForAndNotSentInTheClear() {
    assertThatThrownBy(() -> ApiKey.of(Map.of(), REMOTE))
        .hasMessageContaining(ApiKey.VARIABLE)
        .hasMessageContaining("got none");
    URI clear = URI.create("http://judge.example/v1");
    assertThatThrownBy(() -> ApiKey.of(Map.of(ApiKey.VARIABLE, KEY), clear))
        .hasMessageContaining("expected https")
        .hasMessageNotContaining(KEY);
    assertThatThrownBy(() -> ApiKey.of(Map.of(ApiKey.VARIABLE, KEY + "\n" + KEY), REMOTE))
        .hasMessageNotContaining(KEY);
    URI inAddress = URI.create("https://user:" + KEY + "@judge.example/v1");
    assertThatThrownBy(() -> new Endpoint(inAddress, "m", Optional.empty()))
        .hasMessageContaining(ApiKey.VARIABLE)
        .hasMessageNotContaining(KEY);
  }

  /** Also where the server says it back, in an error, a refusal and an answer. */
  @Test
  void isInTheHeaderAndNowhereElse() {
    try (TestEndpoint server =
            TestEndpoint.open(
                TestEndpoint.says("{\"items\":[],\"said\":\"" + KEY + "\"}"),
                TestEndpoint.says(KEY, "content_filter"),
                TestEndpoint.error(401, "wrong key: Bearer " + KEY));
        EndpointJudge judge =
            open(TestJudge.withKey(server.base(), folder, KEY), new ManualTime())) {
      Answer answer = judge.ask(question("1"));
      assertThat(judge.ask(question("2")).text()).doesNotContain(KEY);
      assertThat(answer.text()).doesNotContain(KEY).contains("(key)");
      assertThatThrownBy(() -> judge.ask(question("3")))
          .isInstanceOf(JudgeException.class)
          .hasMessageContaining("wrong key")
          .hasMessageNotContaining(KEY);
      assertThat(server.received())
          .allMatch(request -> request.headers().getFirst("Authorization").equals("Bearer " + KEY))
          .allMatch(request -> !request.body().toString().contains(KEY));
    }
    assertThat(TestJudge.withKey(LOCAL, folder, KEY).toString()).doesNotContain(KEY);
    assertThat(files()).hasSize(3).noneMatch(text -> text.contains(KEY));
  }

  private Stream<String> files() {
    return FolderFiles.of(folder).stream().map(JudgeKeyTest::text);
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
