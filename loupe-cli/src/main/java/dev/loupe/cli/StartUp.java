package dev.loupe.cli;

import dev.loupe.analyze.AnalysisSetup;
import dev.loupe.dictionary.Contract;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import dev.loupe.files.AtomicFolder;
import dev.loupe.files.Json;
import dev.loupe.store.FeatureRow;
import dev.loupe.store.FeatureStoreWriter;
import dev.loupe.store.HistogramRow;
import dev.loupe.store.LogitsRow;
import dev.loupe.store.NeighboursRow;
import dev.loupe.store.SampleKind;
import dev.loupe.store.SampleRow;
import dev.loupe.store.StoreSummary;
import dev.loupe.store.WindowFile;
import dev.loupe.store.WindowRow;
import dev.loupe.web.PageServer;
import dev.loupe.web.Reach;
import dev.loupe.web.ServeSetup;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Starts a server of a suite of one feature, looks at it as a browser does, and ends. The launcher
 * has it run once after a build, with the JVM recording which classes that needs, so that {@code
 * serve} starts in half the time.
 */
final class StartUp {
  private static final DictionaryName NAME = DictionaryName.parse("L0R-1x");
  private static final List<String> LOOKS =
      List.of(
          "d/L0R-1x/0",
          "api/dictionaries/L0R-1x/features/0",
          "api/dictionaries/L0R-1x",
          "api/dictionaries/L0R-1x/columns",
          "api/notes/L0R-1x/0",
          "api/explanations/L0R-1x/0",
          "api/suite");
  private static final int TIMES = 20; // until the record files are made, and some more

  private StartUp() {}

  public static void main(String[] arguments) throws IOException {
    Path folder = Files.createTempDirectory("loupe-start");
    try {
      Suite.write(folder, manifest());
      store(folder);
      String[] serve = {"serve", folder.toString(), "--port", "0", "--read-only"};
      Loupe.commandLine(serve).parseArgs(serve);
      ServeSetup setup = new ServeSetup(Suite.open(folder), Optional.empty(), Reach.local(true));
      try (PageServer server = PageServer.start(setup)) {
        for (int i = 0; i < TIMES; i++) {
          for (String path : LOOKS) {
            look(server.url() + path);
          }
        }
      }
    } finally {
      AtomicFolder.delete(folder);
    }
  }

  /** What is not there is an answer, too. */
  private static void look(String url) throws IOException {
    URLConnection connection = URI.create(url).toURL().openConnection();
    connection.setRequestProperty("Accept-Encoding", "gzip");
    try (InputStream in = connection.getInputStream()) {
      in.readAllBytes();
    }
  }

  private static Suite.Manifest manifest() {
    return new Suite.Manifest(
        Suite.Manifest.FORMAT,
        "",
        "",
        "",
        "",
        "",
        Json.mapper().createObjectNode(),
        0,
        0,
        0,
        0,
        0,
        "float32",
        "float32",
        "simd",
        new Contract.TokenPolicy(true, List.of(), Optional.empty()),
        Map.of(),
        "",
        1,
        1,
        List.of(NAME),
        List.of(),
        Map.of());
  }

  private static void store(Path suite) throws IOException {
    Files.createDirectories(suite.resolve(NAME.toString()));
    Path store =
        Files.createDirectories(AnalysisSetup.features(Suite.open(suite)).resolve(NAME.toString()));
    Path working = Files.createDirectories(suite.resolve("working"));
    Path windows = working.resolve("windows.parquet");
    try (WindowFile out = WindowFile.create(windows)) {
      out.addText(window());
      out.addLosses(0, new float[] {1});
      out.finish();
    }
    try (FeatureStoreWriter writer = FeatureStoreWriter.open(working, store)) {
      writer.add(feature());
      writer.add(histogram());
      writer.add(new LogitsRow(0, 0, 1, -1, 1, new int[LogitsRow.BINS], token(), token()));
      writer.add(
          NeighboursRow.cosines(
              0, NeighboursRow.DECODER, NAME.toString(), new int[] {0}, new float[] {1}));
      writer.add(sample());
      writer.finish(new int[] {0}, windows, summary());
    }
  }

  private static WindowRow window() {
    return new WindowRow(
        0, 0, 1, "a", "a", 0, "{}", "a", new int[] {0}, new int[] {0}, new int[] {1}, new float[0]);
  }

  private static FeatureRow feature() {
    return new FeatureRow(
        0,
        1,
        new FeatureRow.Interval(1, 0, 1),
        1,
        1,
        1,
        1,
        new float[FeatureRow.QUANTILES.size()],
        1,
        new FeatureRow.TopTokens(new int[] {0}, new String[] {"a"}, new int[] {1}, new float[] {1}),
        new int[] {1},
        false,
        false,
        false,
        Optional.of(new FeatureRow.Category("a", 1, 1, new FeatureRow.Interval(1, 0, 1))),
        new float[9],
        new int[8]);
  }

  private static HistogramRow histogram() {
    return new HistogramRow(
        0,
        new float[HistogramRow.LOG_BINS + 1],
        new int[HistogramRow.LOG_BINS],
        new int[HistogramRow.LINEAR_BINS]);
  }

  private static LogitsRow.Tokens token() {
    return new LogitsRow.Tokens(
        new int[] {0}, new String[] {"a"}, new float[] {1}, new float[] {1});
  }

  private static SampleRow sample() {
    return new SampleRow(0, SampleKind.TOP, -1, 0, 0, 1, 1, new int[] {1}, new float[] {1}, 0);
  }

  private static StoreSummary summary() {
    return new StoreSummary(
        StoreSummary.FORMAT,
        NAME,
        "",
        "",
        "",
        List.of(),
        "",
        "all",
        2,
        0,
        1,
        1,
        1,
        List.of(1L),
        1,
        0,
        0,
        1,
        1,
        Optional.empty());
  }
}
