package dev.loupe.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.loupe.analyze.TestSuite;
import dev.loupe.files.Json;
import dev.loupe.interpret.Explanations;
import dev.loupe.interpret.FeatureExplanations;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every operation that the document of the API names answers as the document says. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ContractTest {
  private static final JsonNode API = ServedSuite.api();
  private PageServer server;

  @BeforeAll
  void start() {
    server = ServedSuite.withModel();
  }

  @AfterAll
  void stop() {
    server.close();
  }

  static Stream<Arguments> operations() {
    List<Arguments> all = new ArrayList<>();
    for (Map.Entry<String, JsonNode> path : API.path("paths").properties()) {
      for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
        all.add(Arguments.of(operation.getKey(), path.getKey(), operation.getValue()));
      }
    }
    return all.stream();
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("operations")
  void answersAsDocumented(String method, String path, JsonNode operation) throws IOException {
    HttpResponse<String> response = ask(method, path, operation);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    Map.Entry<String, JsonNode> content =
        operation.at("/responses/200/content").properties().iterator().next();
    assertThat(response.headers().firstValue("Content-Type")).contains(content.getKey());
    List<JsonNode> documents = new ArrayList<>();
    switch (content.getKey()) {
      case "application/json" -> documents.add(Json.mapper().readTree(response.body()));
      case "application/x-ndjson" -> {
        for (String line : response.body().lines().filter(l -> !l.isBlank()).toList()) {
          documents.add(Json.mapper().readTree(line));
        }
        assertThat(documents).isNotEmpty().noneMatch(d -> d.path("type").asText().equals("error"));
      }
      default -> assertThat(response.body()).isNotEmpty();
    }
    ObjectNode schema = content.getValue().path("schema").deepCopy();
    schema.set("components", API.path("components"));
    for (JsonNode document : documents) {
      assertThat(
              JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                  .getSchema(schema)
                  .validate(document))
          .isEmpty();
    }
  }

  /** With the examples of the document, which are of another suite. */
  private HttpResponse<String> ask(String method, String path, JsonNode operation) {
    String address =
        path.substring(1)
            .replace("{dictionary}", "L1R-1x")
            .replace("{feature}", "4")
            .replace("{figure}", "training-curves")
            .replace("{key}", explained().explanation().prompts().getFirst());
    List<String> query = new ArrayList<>();
    for (JsonNode parameter : operation.path("parameters")) {
      if (parameter.path("in").asText().equals("query") && parameter.has("example")) {
        query.add(parameter.path("name").asText() + "=" + here(parameter.path("example").asText()));
      }
    }
    String whole = query.isEmpty() ? address : address + "?" + String.join("&", query);
    if (method.equals("get")) {
      return ServedSuite.get(server, whole);
    }
    String body = here(operation.at("/requestBody/content/application~1json/example").toString());
    return ServedSuite.post(server, whole, body, "X-Loupe-Token", server.token());
  }

  /** An explanation that a judge has made. */
  private static FeatureExplanations.Explained explained() {
    return Explanations.open(
            ServedSuite.suite().directory(), TestSuite.MAIN, InstantSource.system())
        .each(
            of -> of.current().stream().filter(e -> !e.explanation().prompts().isEmpty()).findAny())
        .values()
        .iterator()
        .next();
  }

  private String here(String example) {
    return ServedSuite.here(example)
        .replace("EXPLANATION", explained().explanation().id())
        .replace("\"SAID\"", example.contains("SAID") ? said() : "");
  }

  /** Yes to each passage of the sheet that comes first. */
  private String said() {
    String next = ServedSuite.get(server, "api/ratings/L1R-1x/next?rater=Ada").body();
    try {
      JsonNode passages = Json.mapper().readTree(next).at("/sheet/passages");
      return Collections.nCopies(passages.size(), true).toString();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
