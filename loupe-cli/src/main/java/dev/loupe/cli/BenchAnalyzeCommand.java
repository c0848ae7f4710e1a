package dev.loupe.cli;

import dev.loupe.analyze.AnalysisBench;
import dev.loupe.analyze.AnalysisSetup;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import dev.loupe.files.AtomicFolder;
import dev.loupe.model.ModelFolder;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.Split;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code loupe bench analyze}. */
@Command(
    name = "analyze",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Times an analysis beside what it cannot do without: the pass of the language model, and"
            + " the codes of all dictionaries.",
    footer = {"", "Example: ./loupe bench analyze runs/first --model demo --corpus demo"})
final class BenchAnalyzeCommand implements Callable<Integer> {
  @Parameters(paramLabel = "SUITE", description = "the suite's folder")
  private Path suite = Path.of("");

  @Option(
      names = "--model",
      required = true,
      paramLabel = "M",
      description = "the suite's model: a folder, or demo, demo-chat, demo-random")
  private String model = "";

  @Option(
      names = "--corpus",
      required = true,
      paramLabel = "C",
      description = "files, a folder, a glob, demo, demo-chat, or a mixture")
  private String corpus = "";

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "50k",
      description = "tokens to analyse (default: ${DEFAULT-VALUE})")
  private Quantity tokens = new Quantity(50_000);

  @Option(
      names = "--split",
      paramLabel = "SPLIT",
      defaultValue = "held-out",
      description = "documents to take: held-out, train or all (default: ${DEFAULT-VALUE})")
  private String split = "held-out";

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "NAME",
      description = "some of the suite's dictionaries")
  private List<String> only = List.of();

  @Mixin private ComputeOptions compute = new ComputeOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Override
  public Integer call() {
    Suite opened = Suite.open(suite);
    ModelFolder folder = ModelFolder.resolve(model);
    CorpusSpec texts = CorpusSpec.parse(corpus);
    compute.start();
    Path scratch = scratch();
    try (ConsoleProgress progress = new ConsoleProgress()) {
      AnalysisBench found =
          AnalysisBench.run(
              new AnalysisSetup(
                  opened,
                  folder,
                  texts,
                  only.stream().map(DictionaryName::parse).toList(),
                  Split.parse(split),
                  tokens.value(),
                  0,
                  0,
                  false,
                  false,
                  true,
                  compute.lmDtype(),
                  compute.device(),
                  Optional.empty(),
                  scratch),
              progress);
      output.print(found, () -> text(found));
    } finally {
      AtomicFolder.delete(scratch);
    }
    return 0;
  }

  private static Path scratch() {
    try {
      return Files.createTempDirectory("loupe-bench");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create a folder for the feature stores", e);
    }
  }

  private static String text(AnalysisBench found) {
    return """
    %d dictionaries, %,d features, %,d tokens, %d threads
    pass of the language model       %.1f s
    with the codes of all            %.1f s
    the whole analysis               %.1f s, %.2f times the line before
    features x tokens a second       %,.0f million\
    """
        .formatted(
            found.dictionaries().size(),
            found.features(),
            found.tokens(),
            found.threads(),
            found.secondsModel(),
            found.secondsModelAndEncoders(),
            found.secondsAnalysis(),
            found.ratio(),
            found.featureTokensPerSecond() / 1e6);
  }
}
