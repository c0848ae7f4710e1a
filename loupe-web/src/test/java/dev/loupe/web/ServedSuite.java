package dev.loupe.web;

import dev.loupe.analyze.Analysis;
import dev.loupe.analyze.AnalysisSetup;
import dev.loupe.analyze.TestSuite;
import dev.loupe.dictionary.Suite;
import dev.loupe.inference.SuiteModel;
import dev.loupe.model.ModelFolder;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.text.Progress;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Optional;

/** A small suite, trained and analysed once for all tests of a JVM, and servers of it. */
final class ServedSuite {
  static final String MAIN = TestSuite.MAIN.toString();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static Optional<Suite> made = Optional.empty();

  private ServedSuite() {}

  static synchronized Suite suite() {
    if (made.isEmpty()) {
      Path folder = folder();
      Suite suite = TestSuite.train(folder);
      Analysis.run(
          TestSuite.setup(suite, AnalysisSetup.features(suite), "demo", 20_000),
          Progress.NONE,
          () -> false);
      made = Optional.of(suite);
    }
    return made.get();
  }

  private static Path folder() {
    try {
      return java.nio.file.Files.createTempDirectory("loupe-served").resolve("suite");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  static PageServer withoutModel(boolean readOnly) {
    return PageServer.start(new ServeSetup(suite(), Optional.empty(), "127.0.0.1", 0, readOnly));
  }

  static PageServer withModel() {
    return PageServer.start(
        new ServeSetup(
            suite(),
            Optional.of(() ->
                SuiteModel.open(
                    suite(), ModelFolder.resolve("demo"), false, DType.F32, Device.CPU, 1 << 28)),
            "127.0.0.1",
            0,
            false));
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

  static HttpResponse<String> send(HttpRequest request) {
    try {
      return CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
