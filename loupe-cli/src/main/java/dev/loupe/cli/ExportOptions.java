package dev.loupe.cli;

import dev.loupe.analyze.Analysis;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import dev.loupe.exchange.ExportSummary;
import dev.loupe.exchange.FeatureSelection;
import dev.loupe.interpret.Explanations;
import dev.loupe.store.FeatureStore;
import java.nio.file.Path;
import java.time.InstantSource;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What is exported and where to. */
final class ExportOptions {
  @Parameters(index = "0", paramLabel = "SUITE", description = "the suite's folder")
  private Path suite = Path.of("");

  @Parameters(index = "1", paramLabel = "NAME", description = "a dictionary, such as L2R-8x")
  private String name = "";

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "a new or an empty folder to write to")
  private Path out = Path.of("");

  @Option(
      names = "--features",
      paramLabel = "LIST",
      defaultValue = "",
      description = "some features, such as 0-99,417 (default: all)")
  private String features = "";

  Path out() {
    return out;
  }

  FeatureStore open() {
    return Analysis.open(Suite.open(suite), DictionaryName.parse(name));
  }

  /** What machines say of the dictionary's features. */
  Explanations explanations() {
    return Explanations.open(suite, DictionaryName.parse(name), InstantSource.system());
  }

  FeatureSelection selection(FeatureStore store) {
    int all = store.summary().features();
    return features.isEmpty() ? FeatureSelection.all(all) : FeatureSelection.parse(features, all);
  }

  String text(ExportSummary written) {
    return "%s: %,d features (%,d dead), %,d samples, %,d batches in %s"
        .formatted(
            written.dictionary(),
            written.features(),
            written.dead(),
            written.activations(),
            written.batches(),
            out);
  }
}
