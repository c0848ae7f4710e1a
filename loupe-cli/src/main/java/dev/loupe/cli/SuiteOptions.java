package dev.loupe.cli;

import dev.loupe.dictionary.Suite;
import dev.loupe.model.ModelFolder;
import dev.loupe.text.CorpusSpec;
import java.nio.file.Path;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A suite, its model and a text: what commands that run a suite's dictionaries have in common. */
final class SuiteOptions {
  @Parameters(paramLabel = "SUITE", description = "the suite's folder")
  private Path suite = Path.of("");

  @Option(
      names = "--model",
      required = true,
      paramLabel = "M",
      description = "a folder in the Hugging Face layout, or demo, demo-chat, demo-random")
  private String model = "";

  @Option(
      names = "--corpus",
      required = true,
      paramLabel = "C",
      description =
          "files, a folder, a glob, demo, demo-chat, or a mixture; its held-out split is used"
              + " unless a command says otherwise")
  private String corpus = "";

  @Option(names = "--other-model", description = "allow another model than the suite's")
  private boolean otherModel;

  @Option(
      names = "--skip-bad-lines",
      description = "count bad lines of the corpus instead of stopping")
  private boolean skipBadLines;

  Suite suite() {
    return Suite.open(suite);
  }

  ModelFolder model() {
    return ModelFolder.resolve(model);
  }

  CorpusSpec corpus() {
    return CorpusSpec.parse(corpus);
  }

  boolean otherModel() {
    return otherModel;
  }

  boolean skipBadLines() {
    return skipBadLines;
  }
}
