package dev.loupe.bench;

import dev.loupe.cli.Loupe;
import dev.loupe.dictionary.Suite;
import dev.loupe.figure.Axis;
import dev.loupe.figure.Estimate;
import dev.loupe.figure.Figure;
import dev.loupe.figure.Mark;
import dev.loupe.figure.Panel;
import dev.loupe.figure.SvgFigure;
import dev.loupe.files.AtomicFile;
import dev.loupe.files.AtomicFolder;
import dev.loupe.inference.SuiteModel;
import dev.loupe.model.ModelFolder;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.web.PageServer;
import dev.loupe.web.Reach;
import dev.loupe.web.ServeSetup;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Trains and analyses a small suite again and again in one process, beside a server that stays and
 * is visited in turn, for as long as it is told, and draws what the process holds after each round:
 * what is not given back shows as a slope.
 *
 * <p>Arguments: minutes, a folder for {@code soak.csv} and {@code soak.svg}. Linux only. Ends with
 * 1 where the median of the last quarter of the rounds is above that of the second quarter by more
 * than {@link Measure#slack}.
 */
public final class Soak {
  private static final String DICTIONARIES = "L1R-2x,L2R-2x,L1TC-2x";
  private static final String FEATURE = "L1R-2x/17";
  private static final int VISITS = 40;

  private static final List<Measure> MEASURES =
      List.of(
          new Measure("Heap after collection", "MB", 5, Sample::heap),
          new Measure("Private memory", "MB", 40, Sample::privateMegabytes),
          new Measure("Mapped files in memory", "MB", 40, Sample::mappedMegabytes),
          new Measure("Open files", "", 0, Sample::descriptors),
          new Measure("Threads", "", 2, Sample::threads));

  /**
   * What is looked at.
   *
   * @param slack by how much it may grow, in its unit
   */
  private record Measure(String title, String unit, double slack, ToDoubleFunction<Sample> of) {}

  /** What the process holds after a round. */
  private record Sample(
      double minutes,
      double heap,
      double privateMegabytes,
      double mappedMegabytes,
      double descriptors,
      double threads) {
    static Sample now(long start) throws IOException {
      System.gc();
      long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
      double minutes = (System.nanoTime() - start) / 60e9;
      try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
        return new Sample(
            minutes,
            heap / 1e6,
            status("RssAnon") / 1e3,
            status("RssFile") / 1e3,
            open.count(),
            status("Threads"));
      }
    }

    /** The number in a line of /proc/self/status; of memory, kilobytes. */
    private static double status(String name) throws IOException {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith(name + ":")) {
          return Double.parseDouble(line.replaceAll("[^0-9]", ""));
        }
      }
      throw new IOException("expected " + name + " in /proc/self/status, got none");
    }

    String csv() {
      return String.format(
          Locale.ROOT,
          "%.2f,%.1f,%.1f,%.1f,%.0f,%.0f%n",
          minutes,
          heap,
          privateMegabytes,
          mappedMegabytes,
          descriptors,
          threads);
    }
  }

  private final Path out;
  private final List<Sample> samples = new ArrayList<>();

  private Soak(Path out) {
    this.out = out;
  }

  /** Runs it; see the class. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length != 2) {
      throw new IllegalArgumentException("expected MINUTES FOLDER, got " + List.of(arguments));
    }
    Soak soak = new Soak(Path.of(arguments[1]));
    soak.run(Double.parseDouble(arguments[0]));
    System.exit(soak.tell() ? 0 : 1);
  }

  private void run(double minutes) throws IOException, InterruptedException {
    Files.createDirectories(out);
    Path stays = out.resolve("served");
    AtomicFolder.delete(stays);
    trainAndAnalyze(stays);
    Suite served = Suite.open(stays);
    ServeSetup setup = new ServeSetup(served, Optional.of(() -> model(served)), Reach.local(false));
    long start = System.nanoTime();
    try (PageServer server = PageServer.start(setup);
        HttpClient client = HttpClient.newHttpClient()) {
      while (samples.isEmpty() || samples.getLast().minutes() < minutes) {
        Path suite = out.resolve("suite");
        AtomicFolder.delete(suite);
        trainAndAnalyze(suite);
        visit(server, client);
        samples.add(Sample.now(start));
        System.out.print(samples.getLast().csv());
        save();
      }
    }
  }

  private static void trainAndAnalyze(Path suite) {
    command(
        "train --model demo --corpus demo:wordnet --recipe demo --tokens 20k --batch 512"
            + " --dictionaries "
            + DICTIONARIES
            + " --set norm_tokens=4096 --set calibration_tokens=8192 --out "
            + suite);
    command("analyze " + suite + " --model demo --corpus demo:wordnet --tokens 4k");
  }

  private static void command(String line) {
    String[] arguments = line.split(" ", -1);
    int code = Loupe.commandLine(arguments).execute(arguments);
    if (code != 0) {
      throw new IllegalStateException("expected 0 from loupe " + line + ", got " + code);
    }
  }

  private static void visit(PageServer server, HttpClient client)
      throws IOException, InterruptedException {
    for (int i = 0; i < VISITS; i++) {
      for (String path : List.of("", "api/suite", "api/dictionaries/L1R-2x", "api/search?q=sea")) {
        send(client, HttpRequest.newBuilder(URI.create(server.url() + path)).build());
      }
      String body =
          "{\"text\": \"the sea and the ship %d\", \"features\": [\"%s\"]}".formatted(i, FEATURE);
      send(
          client,
          HttpRequest.newBuilder(URI.create(server.url() + "api/activations"))
              .header("Content-Type", "application/json")
              .header("X-Loupe-Token", server.token())
              .POST(HttpRequest.BodyPublishers.ofString(body))
              .build());
    }
  }

  private static SuiteModel model(Suite suite) {
    return SuiteModel.open(
        suite, ModelFolder.resolve("demo"), false, DType.F32, Device.CPU, 1L << 30);
  }

  private static void send(HttpClient client, HttpRequest request)
      throws IOException, InterruptedException {
    HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IllegalStateException(
          "expected 200 from %s, got %d: %s"
              .formatted(request.uri(), answer.statusCode(), answer.body()));
    }
  }

  private void save() {
    StringBuilder csv = new StringBuilder("minutes,heap_mb,private_mb,mapped_mb,files,threads\n");
    samples.forEach(sample -> csv.append(sample.csv()));
    AtomicFile.writeText(out.resolve("soak.csv"), csv.toString());
    AtomicFile.writeText(out.resolve("soak.svg"), SvgFigure.of(figure()));
  }

  private Figure figure() {
    List<Panel> panels = new ArrayList<>();
    for (Measure measure : MEASURES) {
      List<Mark.At> points =
          samples.stream()
              .map(at -> new Mark.At(at.minutes(), Estimate.of(measure.of.applyAsDouble(at))))
              .toList();
      panels.add(
          Panel.of(
              measure.title,
              Axis.linear("Time", "minutes"),
              Axis.linear(measure.title, measure.unit).from(0),
              List.of(new Mark.Line(measure.title, points))));
    }
    return new Figure(
        "soak",
        "What one process holds after each round",
        "A round trains three dictionaries, analyses them, and asks a server that stays for %d pages and prompts."
            .formatted(5 * VISITS),
        "build/soak",
        3,
        panels);
  }

  /** Says what has grown; whether nothing has. */
  private boolean tell() {
    boolean flat = true;
    for (Measure measure : MEASURES) {
      double second = median(measure, samples.size() / 4, samples.size() / 2);
      double last = median(measure, 3 * samples.size() / 4, samples.size());
      boolean grown = last > second + measure.slack;
      flat &= !grown;
      System.out.printf(
          Locale.ROOT,
          "%s: %.1f %s in the second quarter, %.1f in the last%s%n",
          measure.title,
          second,
          measure.unit,
          last,
          grown ? ": GROWN" : "");
    }
    return flat;
  }

  private double median(Measure measure, int from, int to) {
    double[] sorted =
        samples.subList(from, Math.max(to, from + 1)).stream()
            .mapToDouble(measure.of)
            .sorted()
            .toArray();
    return sorted[sorted.length / 2];
  }
}
