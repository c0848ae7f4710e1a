package dev.loupe.cli;

import dev.loupe.analyze.AnalysisBench;
import dev.loupe.analyze.AnalysisSetup;
import dev.loupe.dictionary.Suite;
import dev.loupe.files.AtomicFolder;
import dev.loupe.model.ModelFolder;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.Split;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

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
  @Mixin private SuiteOptions on = new SuiteOptions();
  @Mixin private OnlyOptions only = new OnlyOptions();

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

  @Mixin private ComputeOptions compute = new ComputeOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Override
  public Integer call() {
    Suite opened = on.suite();
    ModelFolder folder = on.model();
    CorpusSpec texts = on.corpus();
    compute.start();
    Path scratch = scratch();
    try (ConsoleProgress progress = new ConsoleProgress()) {
      AnalysisBench found =
          AnalysisBench.run(
              new AnalysisSetup(
                  opened,
                  folder,
                  texts,
                  only.names(),
                  Split.parse(split),
                  tokens.value(),
                  0,
                  0,
                  on.otherModel(),
                  on.skipBadLines(),
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
