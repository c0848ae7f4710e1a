package dev.loupe.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.files.DamagedFiles;
import dev.loupe.files.Json;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every body that the API takes, damaged: answered, or refused with the reason, and soon. */
final class DamagedRequestsTest {
  private static final int CASES = 100;
  private static PageServer server;

  @BeforeAll
  static void start(@TempDir Path folder) {
    server = ServedSuite.copyWithModel(folder.resolve("suite"));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  static Stream<String> paths() {
    List<String> paths = new ArrayList<>();
    for (Map.Entry<String, JsonNode> path : ServedSuite.api().path("paths").properties()) {
      if (path.getValue().path("post").has("requestBody")) {
        paths.add(path.getKey());
      }
    }
    assertThat(paths).hasSizeGreaterThan(3);
    return paths.stream();
  }

  @ParameterizedTest
  @MethodSource("paths")
  void bodiesAreAnsweredOrRefused(String path) throws IOException {
    JsonNode body =
        ServedSuite.api()
            .path("paths")
            .path(path)
            .at("/post/requestBody/content/application~1json/example");
    String example = ServedSuite.here(body.toString());
    String address = path.substring(1).replace("{dictionary}", "L1R-1x").replace("{feature}", "4");
    DamagedFiles.each(
        path,
        example.getBytes(StandardCharsets.UTF_8),
        CASES,
        (which, bytes) -> {
          HttpResponse<String> answer =
              ServedSuite.send(
                  ServedSuite.request(server, address)
                      .header("Content-Type", "application/json")
                      .header("X-Loupe-Token", server.token())
                      .timeout(Duration.ofSeconds(10))
                      .POST(HttpRequest.BodyPublishers.ofByteArray(bytes))
                      .build());
          String said = which + ": " + new String(bytes, StandardCharsets.UTF_8) + answer.body();
          assertThat(answer.statusCode()).as(said).isLessThan(500);
          if (answer.statusCode() >= 400) {
            assertThat(Json.mapper().readTree(answer.body()).path("error").asText())
                .as(said)
                .isNotBlank()
                .hasSizeLessThan(3_000);
          }
        });
  }
}
