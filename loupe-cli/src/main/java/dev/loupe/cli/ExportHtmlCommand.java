package dev.loupe.cli;

import dev.loupe.analyze.Analysis;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import dev.loupe.exchange.FeatureSelection;
import dev.loupe.store.FeatureStore;
import dev.loupe.web.StandalonePage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code loupe export html}. */
@Command(
    name = "html",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Writes chosen features as one page that opens from a disk, without a server.",
    footer = {
      "",
      "Example: ./loupe export html runs/first L2R-8x --features 0-9,417 --out sea.html"
    })
final class ExportHtmlCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "SUITE", description = "the suite's folder")
  private Path suite = Path.of("");

  @Parameters(index = "1", paramLabel = "NAME", description = "a dictionary, such as L2R-8x")
  private String name = "";

  @Option(
      names = "--features",
      required = true,
      paramLabel = "LIST",
      description = "which, such as 0-9,417; at most " + StandalonePage.MOST_FEATURES)
  private String features = "";

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "the new file, such as features.html")
  private Path out = Path.of("");

  @Mixin private OutputOptions output = new OutputOptions();

  @Override
  public Integer call() {
    if (Files.exists(out)) {
      throw new IllegalArgumentException("expected a new file, got " + out + ", which is there");
    }
    try (FeatureStore store = Analysis.open(Suite.open(suite), DictionaryName.parse(name))) {
      List<Integer> chosen = FeatureSelection.parse(features, store.summary().features()).numbers();
      StandalonePage.write(out, store, chosen);
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("dictionary", store.summary().dictionary());
      json.put("features", chosen.size());
      json.put("file", out.toString());
      output.print(json, () -> "%,d features of %s in %s".formatted(chosen.size(), name, out));
      return 0;
    }
  }
}
