package dev.loupe.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.WaitUntilState;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * How fast the pages are: from the start of {@code serve} to the first feature in a browser, the
 * next feature, sorting and filtering a table, answers of the server to one client and to 64.
 * Arguments: launcher, suite, dictionary, seconds of the load, file for the figures.
 */
public final class PagesBench {
  private static final int STARTS = 5;
  private static final int STEPS = 60;
  private static final int REQUESTS = 2_000;
  private static final int CLIENTS = 64;

  /** Waits, frame by frame, until what a text says is another; gives milliseconds. */
  private static final String UNTIL_CHANGED =
      """
      async ([action, probe]) => {
        const read = new Function("return " + probe);
        const before = read();
        const start = performance.now();
        new Function(action)();
        for (let i = 0; i < 2000; i++) {
          await new Promise(requestAnimationFrame);
          if (read() !== before && read() !== undefined) break;
        }
        return performance.now() - start;
      }
      """;

  private final String launcher;
  private final Path suite;
  private final String dictionary;
  private final Map<String, Object> figures = new LinkedHashMap<>();

  private PagesBench(String launcher, Path suite, String dictionary) {
    this.launcher = launcher;
    this.suite = suite;
    this.dictionary = dictionary;
  }

  /** Runs all, prints and writes the figures. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length != 5) {
      throw new IllegalArgumentException(
          "expected launcher, suite, dictionary, seconds, file; got " + List.of(arguments));
    }
    PagesBench bench = new PagesBench(arguments[0], Path.of(arguments[1]), arguments[2]);
    bench.run(Integer.parseInt(arguments[3]));
    String json =
        new ObjectMapper()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .writeValueAsString(bench.figures);
    Files.writeString(Path.of(arguments[4]), json + "\n");
    System.out.println(json);
  }

  private void run(int seconds) throws IOException, InterruptedException {
    figures.put("dictionary", dictionary);
    figures.put("processors", Runtime.getRuntime().availableProcessors());
    figures.put("jdk", System.getProperty("java.vm.version"));
    try (Playwright playwright =
        Playwright.create(
            new Playwright.CreateOptions()
                .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")))) {
      Browser browser =
          playwright
              .chromium()
              .launch(
                  new BrowserType.LaunchOptions()
                      .setExecutablePath(chromium())
                      .setArgs(List.of("--no-sandbox")));
      figures.put("chromium", browser.version());
      starts(browser);
      try (Server server = new Server()) {
        pages(browser, server);
        browser.close();
        answers(server);
        load(server, seconds);
      }
    }
  }

  private static Path chromium() {
    return Stream.of(System.getenv("PATH").split(":", -1))
        .map(folder -> Path.of(folder, "chromium"))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("expected chromium on the PATH, got none"));
  }

  /** A server in a process of its own. */
  private final class Server implements AutoCloseable {
    private final Process process;
    private final String url;

    Server() throws IOException {
      process =
          new ProcessBuilder(launcher, "serve", suite.toString(), "--port", "0", "--read-only")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      BufferedReader out =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      String line = out.readLine();
      while (line != null && !line.contains("http://")) {
        line = out.readLine();
      }
      if (line == null) {
        throw new IOException("expected an address from serve, got none");
      }
      url = line.substring(line.indexOf("http://")).split("[ #]", 2)[0];
    }

    @Override
    public void close() {
      process.destroy();
      try {
        process.waitFor();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private String address(Server server, int feature) {
    return server.url + "d/" + dictionary + "/" + feature;
  }

  private void starts(Browser browser) throws IOException {
    List<Double> times = new ArrayList<>();
    for (int i = 0; i < STARTS; i++) {
      try (Page page = browser.newPage()) { // an open tab
        long start = System.nanoTime();
        try (Server server = new Server()) {
          page.navigate(
              address(server, 3), new Page.NavigateOptions().setWaitUntil(WaitUntilState.COMMIT));
          page.locator(".samples li, .empty").first().waitFor();
          times.add((System.nanoTime() - start) / 1e6);
        }
      }
    }
    put("start_to_first_feature_ms", times);
  }

  private void pages(Browser browser, Server server) {
    try (Page page = browser.newPage()) {
      page.navigate(address(server, 3));
      page.locator("h1").first().waitFor();
      measure(
          page,
          "next_feature_ms",
          STEPS,
          _ -> "dispatchEvent(new KeyboardEvent('keydown', {key: ']', bubbles: true}))",
          "document.querySelector('h1').textContent");
      page.navigate(server.url + "d/" + dictionary);
      page.locator("[data-row]").first().waitFor();
      figures.put(
          "features",
          page.evaluate("Number(document.querySelector('[aria-rowcount]').ariaRowCount) - 1"));
      String columns = "document.querySelectorAll('.rows .header button')";
      measure(
          page,
          "sort_ms",
          24,
          i -> "%s[%d].click()".formatted(columns, i % 2 == 0 ? 3 : 4),
          "document.querySelector('[data-row=\"0\"]')?.textContent");
      measure(
          page,
          "filter_ms",
          24,
          i ->
              "const q = document.querySelector('#query'); q.value = 'density:>0.%03d';"
                      .formatted(i + 1)
                  + " q.form.requestSubmit()",
          "document.querySelector('[aria-rowcount]').ariaRowCount");
    }
  }

  /** What to do the i-th time. */
  @FunctionalInterface
  private interface Action {
    String of(int i);
  }

  private void measure(Page page, String name, int times, Action action, String probe) {
    List<Double> taken = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      Object millis = page.evaluate(UNTIL_CHANGED, List.of(action.of(i), probe));
      taken.add(((Number) millis).doubleValue());
      page.waitForTimeout(250); // what comes after the rows is done
    }
    put(name, taken.subList(times / 6, times)); // the first warm up
  }

  private static HttpClient client() {
    return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  }

  private void answers(Server server) throws IOException, InterruptedException {
    try (HttpClient client = client()) {
      Random random = new Random(0);
      List<Double> times = new ArrayList<>();
      for (int i = 0; i < REQUESTS + 500; i++) {
        double millis = ask(client, server, random);
        if (i >= 500) {
          times.add(millis);
        }
      }
      put("answer_one_client_ms", times);
    }
  }

  private double ask(HttpClient client, Server server, Random random)
      throws IOException, InterruptedException {
    int feature = random.nextInt(features(client, server));
    String path = "api/dictionaries/%s/features/%d".formatted(dictionary, feature);
    long start = System.nanoTime();
    HttpResponse<byte[]> response =
        client.send(
            HttpRequest.newBuilder(URI.create(server.url + path))
                .header("Accept-Encoding", "gzip")
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
    if (response.statusCode() != 200) {
      throw new IOException(path + " was answered with " + response.statusCode());
    }
    return (System.nanoTime() - start) / 1e6;
  }

  private int features = -1;

  private synchronized int features(HttpClient client, Server server)
      throws IOException, InterruptedException {
    if (features < 0) {
      String json =
          client
              .send(
                  HttpRequest.newBuilder(URI.create(server.url + "api/suite")).build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
      new ObjectMapper()
          .readTree(json)
          .path("dictionaries")
          .forEach(each -> {
            if (each.path("name").asText().equals(dictionary)) {
              features = each.at("/analysis/features").intValue();
            }
          });
    }
    return features;
  }

  /** Clients that ask one feature after the other without a pause. */
  private void load(Server server, int seconds) throws InterruptedException {
    List<Double> times = Collections.synchronizedList(new ArrayList<>());
    AtomicLong errors = new AtomicLong();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    try (HttpClient client = client();
        ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < CLIENTS; i++) {
        Random random = new Random(i);
        clients.execute(() -> {
          while (System.nanoTime() < end) {
            try {
              times.add(ask(client, server, random));
            } catch (IOException | UncheckedIOException e) {
              errors.incrementAndGet();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
              return;
            }
          }
        });
      }
    }
    put("answer_64_clients_ms", times);
    figures.put("load_seconds", seconds);
    figures.put("load_requests", times.size());
    figures.put("load_errors", errors.get());
  }

  private void put(String name, List<Double> times) {
    List<Double> sorted = times.stream().sorted().toList();
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("n", sorted.size());
    for (int percent : new int[] {50, 95, 99}) {
      int at = Math.min(sorted.size() - 1, sorted.size() * percent / 100);
      entry.put("p" + percent, Math.round(sorted.get(at) * 10) / 10.0);
    }
    entry.put("max", Math.round(sorted.getLast() * 10) / 10.0);
    figures.put(name, entry);
  }
}
