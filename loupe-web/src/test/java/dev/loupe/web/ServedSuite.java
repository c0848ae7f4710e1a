package dev.loupe.web;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.analyze.Analysis;
import dev.loupe.analyze.AnalysisSetup;
import dev.loupe.analyze.TestSuite;
import dev.loupe.dictionary.Suite;
import dev.loupe.files.FolderFiles;
import dev.loupe.files.Json;
import dev.loupe.inference.SuiteModel;
import dev.loupe.interpret.CorpusWindows;
import dev.loupe.interpret.InterpretSetup;
import dev.loupe.interpret.Interpretation;
import dev.loupe.interpret.JudgeExplainer;
import dev.loupe.interpret.JudgedExplainer;
import dev.loupe.interpret.JudgedScorer;
import dev.loupe.interpret.RuleExplainer;
import dev.loupe.interpret.RuleScorer;
import dev.loupe.judge.AnswerCache;
import dev.loupe.judge.Endpoint;
import dev.loupe.judge.EndpointJudge;
import dev.loupe.judge.JudgeSetup;
import dev.loupe.judge.Price;
import dev.loupe.judge.TestEndpoint;
import dev.loupe.model.ModelFolder;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.text.DemoSample;
import dev.loupe.text.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;

/** A small suite, trained and analysed once for all tests of a JVM, and servers of it. */
final class ServedSuite {
  static final String MAIN = TestSuite.MAIN.toString();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static Optional<Suite> made = Optional.empty();

  private ServedSuite() {}

  static synchronized Suite suite() {
    if (made.isEmpty()) {
      Path folder = FolderFiles.temporary("loupe-served").resolve("suite");
      Suite suite = TestSuite.train(folder);
      Analysis.run(
          TestSuite.setup(suite, AnalysisSetup.features(suite), DemoSample.both(), 12_000),
          Progress.NONE,
          () -> false);
      explain(suite);
      made = Optional.of(suite);
    }
    return made.get();
  }

  /** Some features, by rules and by a judge that answers without looking. */
  private static void explain(Suite suite) {
    try (TestEndpoint endpoint = TestEndpoint.open(TestEndpoint.answering());
        EndpointJudge judge = EndpointJudge.open(judge(suite, endpoint.base()))) {
      Interpretation.run(
          new InterpretSetup(
              suite,
              TestSuite.MAIN,
              List.of(
                  new RuleExplainer(),
                  new JudgedExplainer(JudgeExplainer.HIGHLIGHTS, TestSuite.MAIN, judge, "m")),
              List.of(
                  new RuleScorer(CorpusWindows.NONE),
                  new JudgedScorer(JudgedScorer.Test.DETECTION, TestSuite.MAIN, judge, "m", 0)),
              Optional.empty(),
              12,
              0,
              2),
          Progress.NONE,
          () -> false);
    }
  }

  private static JudgeSetup judge(Suite suite, URI base) {
    return new JudgeSetup(
        new Endpoint(base, "m", Optional.empty()),
        Price.parse("0.1/0.4"),
        Optional.of(BigDecimal.TEN),
        OptionalInt.empty(),
        OptionalInt.empty(),
        2,
        Duration.ofSeconds(30),
        AnswerCache.folder(suite.directory()));
  }

  /** The document of the API. */
  static JsonNode api() {
    try {
      return Json.mapper().readTree(WebJars.resource("/dev/loupe/web/openapi.json").orElseThrow());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** An example of that document, which is of another suite, for this one. */
  static String here(String example) {
    return example.replace("L2R-8x/417", MAIN + "/17").replace("L2R-8x", MAIN);
  }

  static PageServer withoutModel(boolean readOnly) {
    return PageServer.start(new ServeSetup(suite(), Optional.empty(), Reach.local(readOnly)));
  }

  static PageServer withModel() {
    return withModel(new CountDownLatch(0));
  }

  /** Of a copy, for tests that write what they like. */
  static PageServer copyWithModel(Path folder) {
    Suite copy = Suite.open(FolderFiles.copy(suite().directory(), folder));
    return PageServer.start(
        new ServeSetup(copy, Optional.of(() -> open(copy)), Reach.local(false)));
  }

  /** The model opens once the latch is down. */
  static PageServer withModel(CountDownLatch free) {
    return PageServer.start(
        new ServeSetup(suite(), Optional.of(() -> open(free)), Reach.local(false)));
  }

  private static SuiteModel open(CountDownLatch free) {
    try {
      free.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return open(suite());
  }

  private static SuiteModel open(Suite suite) {
    return SuiteModel.open(
        suite, ModelFolder.resolve("demo"), false, DType.F32, Device.CPU, 1 << 28);
  }

  static HttpRequest.Builder request(PageServer server, String path) {
    return HttpRequest.newBuilder(URI.create(server.url() + path));
  }

  static HttpResponse<String> get(PageServer server, String path, String... headers) {
    HttpRequest.Builder request = request(server, path);
    return send(headers.length == 0 ? request.build() : request.headers(headers).build());
  }

  static HttpResponse<String> post(PageServer server, String path, String body, String... headers) {
    HttpRequest.Builder request =
        request(server, path)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    return send(headers.length == 0 ? request.build() : request.headers(headers).build());
  }

  /** An answer whose body is still to come. */
  static HttpResponse<InputStream> stream(PageServer server, String path, String body) {
    return send(
        request(server, path)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofInputStream());
  }

  static HttpResponse<String> send(HttpRequest request) {
    return send(request, HttpResponse.BodyHandlers.ofString());
  }

  private static <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> body) {
    try {
      return CLIENT.send(request, body);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
