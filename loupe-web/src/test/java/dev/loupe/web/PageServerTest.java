package dev.loupe.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.analyze.Analysis;
import dev.loupe.analyze.AnalysisSetup;
import dev.loupe.analyze.TestSuite;
import dev.loupe.dictionary.Suite;
import dev.loupe.files.AtomicFolder;
import dev.loupe.files.Checksums;
import dev.loupe.files.FolderFiles;
import dev.loupe.files.Json;
import dev.loupe.store.FeatureColumns;
import dev.loupe.store.FeatureRow;
import dev.loupe.store.FeatureStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The server asked as a browser and as scripts ask it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PageServerTest {
  private static final String FEATURE = "api/dictionaries/" + ServedSuite.MAIN + "/features/";
  private PageServer server;

  @BeforeAll
  void start() {
    server = ServedSuite.withModel();
  }

  @AfterAll
  void stop() {
    server.close();
  }

  private JsonNode json(HttpResponse<String> response) throws IOException {
    return Json.mapper().readTree(response.body());
  }

  private JsonNode get(String path) throws IOException {
    HttpResponse<String> response = ServedSuite.get(server, path);
    assertThat(response.statusCode()).as(path + " " + response.body()).isEqualTo(200);
    return json(response);
  }

  @Test
  void theSuiteNamesItsDictionaries() throws IOException {
    JsonNode suite = get("api/suite");
    assertThat(suite.path("dictionaries")).hasSize(4);
    assertThat(suite.path("has_model").booleanValue()).isTrue();
    assertThat(suite.at("/dictionaries/0/analysis/features").intValue()).isPositive();
  }

  /** From the store at first, from the laid-out files later: the same bytes. */
  @Test
  void aFeatureIsTheSameFromTheStoreAndFromItsFile() throws IOException {
    AtomicFolder.delete(ServedSuite.suite().directory().resolve("cache"));
    try (PageServer fresh = ServedSuite.withoutModel(true)) {
      List<String> first =
          List.of("3", "0", "40").stream()
              .map(f -> ServedSuite.get(fresh, FEATURE + f).body())
              .toList();
      var file =
          RecordFiles.featureFile(
              ServedSuite.suite().directory().resolve("cache"), ServedSuite.MAIN);
      for (int asked = 0; asked < 2_000 && !Files.exists(file); asked++) {
        ServedSuite.get(fresh, "api/suite");
      }
      assertThat(file).exists();
      try (PageServer second = ServedSuite.withoutModel(true)) {
        List<String> again =
            List.of("3", "0", "40").stream()
                .map(f -> ServedSuite.get(second, FEATURE + f).body())
                .toList();
        assertThat(again).isEqualTo(first);
      }
    }
  }

  @Test
  void aFeatureIsWhatTheStoreHas() throws IOException {
    try (FeatureStore store = Analysis.open(ServedSuite.suite(), TestSuite.MAIN)) {
      for (int feature : new int[] {0, 7, store.summary().features() - 1}) {
        JsonNode record = get(FEATURE + feature);
        FeatureRow row = store.feature(feature);
        assertThat(record.path("firings").longValue()).isEqualTo(row.firings());
        assertThat(record.path("maximum").floatValue()).isEqualTo(row.maximum());
        assertThat(record.path("samples")).hasSameSizeAs(store.samples(feature));
        long counted = 0;
        for (JsonNode count : record.path("log_counts")) {
          counted += count.longValue();
        }
        assertThat(counted).isEqualTo(row.firings());
        for (JsonNode sample : record.path("samples")) {
          assertThat(sample.path("firing")).hasSameSizeAs(sample.path("activations"));
          assertThat(sample.path("peak").intValue()).isLessThan(sample.path("tokens").size());
        }
      }
    }
  }

  @Test
  void columnsAreTheRowsOfTheStore() throws IOException {
    try (FeatureStore store = Analysis.open(ServedSuite.suite(), TestSuite.MAIN);
        Stores stores = new Stores(ServedSuite.suite())) {
      byte[] bytes = new Columns(stores).numbers(TestSuite.MAIN).plain();
      ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      int length = buffer.getInt();
      JsonNode header = Json.mapper().readTree(Arrays.copyOfRange(bytes, 4, 4 + length));
      int start = (4 + length + 7) / 8 * 8;
      FeatureColumns columns = store.columns();
      for (JsonNode column : header.path("columns")) {
        if (column.path("name").asText().equals("maximum")) {
          int offset = start + column.path("offset").intValue();
          for (int feature = 0; feature < columns.features(); feature++) {
            assertThat(buffer.getFloat(offset + 4 * feature))
                .isEqualTo(store.feature(feature).maximum());
          }
        }
      }
    }
  }

  @Test
  void unchangedAnswersAreNotSentAgain() {
    HttpResponse<String> first = ServedSuite.get(server, FEATURE + 3);
    String tag = first.headers().firstValue("ETag").orElseThrow();
    assertThat(ServedSuite.get(server, FEATURE + 3, "If-None-Match", tag).statusCode())
        .isEqualTo(304);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "d/L1R-1x",
        "d/L1R-1x/3",
        "prompt",
        "search?q=x",
        "steer",
        "compare",
        "notes",
        "embed/L1R-1x/3"
      })
  void everyPageHasItsAddress(String path) {
    HttpResponse<String> page = ServedSuite.get(server, path);
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body()).contains("<loupe-app>");
    String policy = page.headers().firstValue("Content-Security-Policy").orElseThrow();
    assertThat(policy).contains("script-src 'self';").doesNotContain("unsafe-eval");
    assertThat(policy).endsWith(path.startsWith("embed") ? "frame-ancestors *" : "'none'");
    assertThat(page.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
  }

  @Test
  void theFilesOfThePagesAreSmallAndComplete() {
    Assets assets = Assets.current();
    int bytes = 0;
    for (var file : assets.files().entrySet()) {
      HttpResponse<String> got =
          ServedSuite.get(server, "assets/" + assets.version() + "/" + file.getKey());
      assertThat(got.statusCode()).as(file.getKey()).isEqualTo(200);
      assertThat(got.headers().firstValue("Cache-Control")).get().asString().contains("immutable");
      bytes += file.getValue().bytes().length;
    }
    assertThat(assets.files())
        .containsKeys("main.js", "loupe.css", "pages/feature.js", "lib/d3/dist/d3.min.js");
    assertThat(bytes).isLessThan(250 * 1024);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "api/dictionaries/L9R-8x/features/0",
        "api/dictionaries/L1R-1x/features/999999",
        "api/dictionaries/nonsense/features/0",
        "api/dictionaries/L1R-1x/features/-1",
        "api/dictionaries/L1R-1x/features/x",
        "api/dictionaries/..%2F..%2Fetc/features/0",
        "api/dictionaries/L1R-1x/previews?features=1,999999",
        "api/dictionaries/L1R-1x/previews?features=a",
        "api/search?q=",
        "api/search?q=/(/",
        "api/search?q=x&limit=100000",
        "api/search?mode=semantic&q=",
        "api/compare?features=L1R-1x/1",
        "api/notes/L1R-1x/999999",
        "api/nothing",
        "assets/0/../../../pom.xml",
        "nothing"
      })
  void whatIsNotThereIsSaid(String path) {
    HttpResponse<String> response = ServedSuite.get(server, path);
    assertThat(response.statusCode()).as(path + ": " + response.body()).isBetween(400, 499);
  }

  @Test
  void aQueryThatNeverEndsIsEnded() {
    String token = server.token();
    String text = "a".repeat(60) + "!";
    HttpResponse<String> note =
        ServedSuite.post(
            server,
            "api/notes",
            "{\"feature\":\"L1R-1x/5\",\"kind\":\"note\",\"text\":\"%s\"}".formatted(text),
            "X-Loupe-Token",
            token);
    assertThat(note.statusCode()).as(note.body()).isEqualTo(200);
    HttpResponse<String> response = ServedSuite.get(server, "api/search?q=/(a%2Ba%2B)%2B%5C1y/");
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).contains("simplify");
  }

  @Test
  void notesNeedTheTokenAndTheOrigin() throws IOException {
    String body = "{\"feature\":\"L1R-1x/2\",\"kind\":\"tag\",\"text\":\"sea\"}";
    assertThat(ServedSuite.post(server, "api/notes", body).statusCode()).isEqualTo(401);
    assertThat(ServedSuite.post(server, "api/notes", body, "X-Loupe-Token", "wrong").statusCode())
        .isEqualTo(401);
    String[] elsewhere = {"X-Loupe-Token", server.token(), "Origin", "http://example.org"};
    assertThat(ServedSuite.post(server, "api/notes", body, elsewhere).statusCode()).isEqualTo(403);
    String[] here = {"X-Loupe-Token", server.token(), "Origin", server.url().replaceAll("/$", "")};
    HttpResponse<String> written = ServedSuite.post(server, "api/notes", body, here);
    assertThat(written.statusCode()).as(written.body()).isEqualTo(200);
    assertThat(get("api/notes/L1R-1x/2").at("/tags/0").asText()).isEqualTo("sea");
    assertThat(get("api/notes").path("tags").path("sea").intValue()).isEqualTo(1);
    assertThat(get("api/search?q=sea").at("/results/0/feature").asText()).isEqualTo("L1R-1x/2");
    try (PageServer readOnly = ServedSuite.withoutModel(true)) {
      String[] token = {"X-Loupe-Token", readOnly.token()};
      assertThat(ServedSuite.post(readOnly, "api/notes", body, token).statusCode()).isEqualTo(403);
    }
  }

  @Test
  void anotherHostIsRefused() throws IOException {
    assertThat(raw(server, "GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 421");
    assertThat(raw(server, "GET / HTTP/1.1\r\nHost: localhost:80\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 200");
  }

  private static String raw(PageServer server, String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      OutputStream out = socket.getOutputStream();
      out.write(request.getBytes(StandardCharsets.UTF_8));
      return new String(socket.getInputStream().readNBytes(12), StandardCharsets.UTF_8);
    }
  }

  @Test
  void aPortThatIsTakenIsSaid() {
    ServeSetup same =
        new ServeSetup(
            ServedSuite.suite(),
            Optional.empty(),
            new Reach("127.0.0.1", server.port(), Set.of(), Optional.empty()));
    assertThatThrownBy(() -> PageServer.start(same).close())
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("Address already in use")
        .hasMessageContaining("--port");
  }

  @Test
  void behindAProxyItHasAnotherName() throws IOException {
    Reach proxied = new Reach("127.0.0.1", 0, Set.of("Loupe.example"), Optional.empty());
    try (PageServer named =
        PageServer.start(new ServeSetup(ServedSuite.suite(), Optional.empty(), proxied))) {
      assertThat(raw(named, "GET / HTTP/1.1\r\nHost: loupe.example\r\nConnection: close\r\n\r\n"))
          .startsWith("HTTP/1.1 200");
      assertThat(raw(named, "GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"))
          .startsWith("HTTP/1.1 421");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Reach("127.0.0.1", 0, Set.of("a/b"), Optional.empty()))
        .withMessageContaining("expected names without ports or slashes");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Reach("127.0.0.1", 0, Set.of(), Optional.of("short")))
        .withMessageContaining("a token of 16 to 200");
  }

  @Test
  void anAnalysisAfterTheStartIsSaidAndNotMixedIn(@TempDir Path folder) throws IOException {
    Suite copy =
        Suite.open(FolderFiles.copy(ServedSuite.suite().directory(), folder.resolve("suite")));
    Path store = AnalysisSetup.features(copy).resolve("L1R-1x");
    Path sums = store.resolve(Checksums.FILE);
    byte[] before = Files.readAllBytes(sums);
    ServeSetup setup = new ServeSetup(copy, Optional.empty(), Reach.local(true));
    try (PageServer other = PageServer.start(setup)) {
      String feature = "api/dictionaries/L1R-1x/features/3";
      assertThat(ServedSuite.get(other, feature).statusCode()).isEqualTo(200);
      Files.writeString(sums, "{}"); // of another analysis
      HttpResponse<String> refused = ServedSuite.get(other, feature);
      assertThat(refused.statusCode()).isEqualTo(409);
      assertThat(refused.body()).contains("L1R-1x was analysed after this server started");
      assertThat(ServedSuite.get(other, "api/health").body()).contains("[\"L1R-1x\"]");
      assertThat(ServedSuite.get(other, "api/dictionaries/L2R-1x/features/3").statusCode())
          .isEqualTo(200);
      Files.write(sums, before);
      assertThat(ServedSuite.get(other, feature).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void whatWatchesItIsAnswered() throws IOException, InterruptedException {
    assertThat(get("api/health").path("status").asText()).isEqualTo("up");
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      for (String path : List.of("", "api/health", "report", "nowhere", "api/nowhere")) {
        URI page = URI.create(server.url() + path);
        HttpRequest.Builder asked = HttpRequest.newBuilder(page);
        HttpResponse<String> headers =
            client.send(
                asked.method("HEAD", BodyPublishers.noBody()).build(), BodyHandlers.ofString());
        HttpResponse<String> whole = client.send(asked.GET().build(), BodyHandlers.ofString());
        assertThat(headers.statusCode()).as(path).isEqualTo(whole.statusCode());
        assertThat(headers.body()).as(path).isEmpty();
        assertThat(headers.headers().firstValue("Content-Length"))
            .as(path)
            .isEqualTo(whole.headers().firstValue("Content-Length"));
        assertThat(whole.statusCode()).isEqualTo(path.endsWith("nowhere") ? 404 : 200);
        assertThat(whole.body()).as(path).isNotEmpty();
      }
      HttpRequest first = HttpRequest.newBuilder(URI.create(server.url())).build();
      assertThat(client.send(first, BodyHandlers.ofString()).body()).startsWith("<!doctype html>");
    }
  }

  @Test
  void ownTextStreams() throws IOException {
    HttpResponse<String> response =
        ServedSuite.post(
            server,
            "api/activations",
            "{\"text\":\"The whale came up.\",\"features\":[\"L1R-1x/3\",\"L2R-1x/5\"]}");
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    JsonNode event = Json.mapper().readTree(response.body().strip());
    assertThat(event.path("type").asText()).isEqualTo("activations");
    assertThat(event.at("/features/1/activations")).hasSameSizeAs(event.path("tokens"));
  }

  @Test
  void aPromptStreamsLayerByLayer() throws IOException {
    HttpResponse<String> response =
        ServedSuite.post(server, "api/prompt", "{\"text\":\"The whale came up.\"}");
    List<String> types =
        response.body().lines().filter(line -> !line.isBlank()).map(this::type).toList();
    assertThat(types).startsWith("tokens", "cells").endsWith("next", "end");
    assertThat(types).filteredOn("cells"::equals).hasSize(4);
  }

  /** The work that waits is bounded; who leaves makes room. */
  @Test
  void tooMuchWorkIsRefusedUntilSomebodyLeaves() throws Exception {
    CountDownLatch free = new CountDownLatch(1);
    String body = "{\"text\":\"The whale\",\"features\":[\"L1R-1x/3\"]}";
    try (PageServer slow = ServedSuite.withModel(free)) {
      List<HttpResponse<InputStream>> waiting = new ArrayList<>();
      for (int i = 0; i <= ModelQueue.WAITING; i++) { // one of them is the model's
        waiting.add(ServedSuite.stream(slow, "api/activations", body));
        assertThat(waiting.getLast().statusCode()).isEqualTo(200);
      }
      HttpResponse<String> refused = ServedSuite.post(slow, "api/activations", body);
      assertThat(refused.statusCode()).isEqualTo(429);
      assertThat(refused.headers().firstValueAsLong("Retry-After").orElseThrow()).isPositive();
      waiting.removeLast().body().close();
      HttpResponse<InputStream> next = ServedSuite.stream(slow, "api/activations", body);
      for (int asked = 0; asked < 1_000 && next.statusCode() == 429; asked++) {
        next.body().close();
        next = ServedSuite.stream(slow, "api/activations", body);
      }
      assertThat(next.statusCode()).isEqualTo(200);
      free.countDown();
      waiting.add(next);
      for (HttpResponse<InputStream> each : waiting) {
        try (InputStream in = each.body()) {
          assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).contains("activations");
        }
      }
    } finally {
      free.countDown();
    }
  }

  @Test
  void meaningsAreSearchedOnceTheyAreIndexed() throws IOException {
    JsonNode found = get("api/search?mode=semantic&q=religion&limit=3");
    for (int asked = 0; asked < 100_000 && !isIndexed(found); asked++) {
      found = get("api/search?mode=semantic&q=religion&limit=3");
    }
    assertThat(isIndexed(found)).isTrue();
    assertThat(found.path("results")).hasSize(3);
    assertThat(found.at("/results/0/field").asText()).isEqualTo("words");
    assertThat(found.at("/results/0/score").doubleValue())
        .isBetween(found.at("/results/1/score").doubleValue(), 1.0);
    assertThat(ServedSuite.get(server, "api/search?mode=guess&q=x").statusCode()).isEqualTo(400);
    assertThat(ServedSuite.get(server, "api/search?mode=semantic&q=").statusCode()).isEqualTo(400);
  }

  private static boolean isIndexed(JsonNode found) {
    JsonNode indexing = found.path("indexing");
    return indexing.path("done").longValue() == indexing.path("total").longValue();
  }

  @Test
  void theReportIsAPageAndADocument() throws IOException {
    HttpResponse<String> page = ServedSuite.get(server, "report");
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body()).startsWith("<!doctype html>").contains("<svg");
    assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains("style-src 'sha256-")
        .contains("frame-ancestors 'none'")
        .doesNotContain("unsafe-inline");
    assertThat(get("api/report").at("/sections/0/id").asText()).isEqualTo("training");
  }

  @Test
  void figuresAreDrawnForTheRoomThatThereIs() throws IOException {
    JsonNode figures = get("api/report/figures");
    assertThat(figures.findValuesAsText("id")).contains("training-curves", "dead-features");
    for (JsonNode figure : figures) {
      String address = "api/report/figures/" + figure.path("id").asText();
      assertThat(ServedSuite.get(server, address).body()).contains("viewBox=\"0 0 960 ");
      assertThat(ServedSuite.get(server, address + "?width=400").body())
          .contains("viewBox=\"0 0 400 ", "<style>");
      assertThat(ServedSuite.get(server, address + "?styled=0").body()).doesNotContain("<style>");
    }
    HttpResponse<String> narrow =
        ServedSuite.get(server, "api/report/figures/training-curves?width=100");
    assertThat(narrow.statusCode()).isEqualTo(400);
    assertThat(narrow.body()).contains("expected width from 360 to 960");
    HttpResponse<String> none = ServedSuite.get(server, "api/report/figures/nothing");
    assertThat(none.statusCode()).isEqualTo(404);
    assertThat(none.body()).contains("/api/report/figures lists them");
  }

  private String type(String line) {
    try {
      return Json.mapper().readTree(line).path("type").asText();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void steeringStreams() {
    HttpResponse<String> response =
        ServedSuite.post(
            server,
            "api/steer",
            "{\"prompt\":\"The"
                + " whale\",\"edits\":[{\"feature\":\"L1R-1x/3\",\"mode\":\"add\",\"value\":20}],"
                + "\"max_tokens\":4,\"doses\":[0,1]}");
    List<String> types =
        response.body().lines().filter(line -> !line.isBlank()).map(this::type).distinct().toList();
    assertThat(types).containsExactly("prompt", "token", "comparison", "effects", "dose", "end");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        "null",
        "{\"text\":7}",
        "{\"text\":\"\"}",
        "{\"text\":\"x\",\"features\":[\"L1R-1x\"]}",
        "{\"text\":\"x\",\"features\":[]}",
        "{\"text\":\"x\",\"features\":[\"L9R-1x/0\"]}",
        "{\"text\":\"x\",\"features\":[\"L1R-1x/99999999\"]}",
        "{\"text\":\"x\",\"other\":1}",
        "{"
      })
  void aBodyThatIsNoneIsRefused(String body) {
    HttpResponse<String> response = ServedSuite.post(server, "api/activations", body);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
    assertThat(response.body()).contains("expected");
  }

  @Test
  void withoutAModelTheAnswerSaysHow() {
    try (PageServer plain = ServedSuite.withoutModel(true)) {
      HttpResponse<String> response =
          ServedSuite.post(plain, "api/prompt", "{\"text\":\"The whale\"}");
      assertThat(response.statusCode()).isEqualTo(409);
      assertThat(response.body()).contains("--model");
    }
  }

  /** Whatever is asked, the server answers, and never with a failure of its own. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void nothingMakesItFail(long seed) {
    Random random = new Random(seed);
    List<String> parts =
        List.of(
            "api",
            "dictionaries",
            "L1R-1x",
            "features",
            "3",
            "columns",
            "tokens",
            "previews",
            "training",
            "notes",
            "search",
            "compare",
            "random",
            "suite",
            "d",
            "embed",
            "assets",
            "..",
            "%00",
            "%2e%2e",
            "-1",
            "99999999999",
            "L1R-1x%2F3",
            "%E2%82%AC",
            "a%20b",
            "x".repeat(300),
            "");
    List<String> queries =
        List.of(
            "",
            "?q=x",
            "?q=%22",
            "?q=/[/",
            "?features=",
            "?features=1,2,x",
            "?features=L1R-1x/1,L1R-1x/2",
            "?limit=-5",
            "?dictionaries=L1R-1x,zzz",
            "?dictionary=L9M-8x",
            "?dictionary=%00",
            "?q=%F0%9F%90%8B",
            "?&&==",
            "?q=" + "y".repeat(5_000));
    List<String> bodies =
        List.of(
            "",
            "{}",
            "{\"text\":\"a\"}",
            "{\"prompt\":\"a\",\"edits\":[]}",
            "{\"feature\":\"L1R-1x/1\",\"kind\":\"note\"}",
            "{\"text\":\"a\",\"top\":-1}",
            "{\"text\":\"a\",\"by\":\"x\"}",
            "[[[[",
            "{\"text\":null}",
            "\u0000");
    for (int i = 0; i < 250; i++) {
      StringBuilder path = new StringBuilder(parts.get(random.nextInt(parts.size())));
      for (int part = random.nextInt(5); part > 0; part--) {
        path.append('/').append(parts.get(random.nextInt(parts.size())));
      }
      path.append(queries.get(random.nextInt(queries.size())));
      HttpResponse<String> response =
          random.nextInt(4) == 0
              ? ServedSuite.post(
                  server,
                  List.of("api/activations", "api/prompt", "api/steer", "api/notes")
                      .get(random.nextInt(4)),
                  bodies.get(random.nextInt(bodies.size())),
                  "X-Loupe-Token",
                  server.token())
              : ServedSuite.get(server, path.toString());
      assertThat(response.statusCode())
          .as("seed %d: %s: %s", seed, path, response.body())
          .isLessThan(500);
    }
  }
}
