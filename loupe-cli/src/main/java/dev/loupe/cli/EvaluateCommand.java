package dev.loupe.cli;

import dev.loupe.dictionary.Suite;
import dev.loupe.evaluate.Report;
import dev.loupe.evaluate.SuiteEvaluation;
import dev.loupe.evaluate.Tables;
import dev.loupe.model.ModelFolder;
import dev.loupe.text.CorpusSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code loupe evaluate}. */
@Command(
    name = "evaluate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Measures a suite on held-out text: L0, explained variance, what splicing costs in loss,"
            + " and more.",
    footer = {
      "",
      "Example: ./loupe evaluate runs/first --model demo --corpus demo --tokens 50k",
      "The report goes to SUITE/reports/evaluation.json unless --out says otherwise; the guide"
          + " defines its fields."
    })
final class EvaluateCommand implements Callable<Integer> {
  @Mixin private SuiteOptions on = new SuiteOptions();

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "50k",
      description = "held-out tokens to encode (default: ${DEFAULT-VALUE})")
  private Quantity tokens = new Quantity(50_000);

  @Option(
      names = "--loss-tokens",
      paramLabel = "N",
      defaultValue = "8192",
      description = "tokens among them for losses (default: ${DEFAULT-VALUE})")
  private Quantity lossTokens = new Quantity(8_192);

  @Option(
      names = "--context",
      paramLabel = "N",
      defaultValue = "0",
      description = "positions of a context (default: as trained)")
  private int context;

  @Option(names = "--out", paramLabel = "FILE", description = "where the report goes")
  private @Nullable Path out;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "of the order of documents and the resampling (default: ${DEFAULT-VALUE})")
  private long seed;

  @Mixin private ComputeOptions compute = new ComputeOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Override
  public Integer call() {
    Suite opened = on.suite();
    ModelFolder folder = on.model();
    CorpusSpec texts = on.corpus();
    compute.start();
    SuiteEvaluation.Setup setup =
        new SuiteEvaluation.Setup(
            opened,
            folder,
            texts,
            on.only(),
            tokens.value(),
            lossTokens.value(),
            context,
            seed,
            on.otherModel(),
            on.skipBadLines(),
            compute.lmDtype(),
            compute.device());
    Report report;
    try (ConsoleProgress progress = new ConsoleProgress()) {
      report = SuiteEvaluation.run(setup, progress, Interrupts::requested);
    }
    Path file = out == null ? reports(opened).resolve("evaluation.json") : out;
    report.write(file);
    output.print(report, () -> Tables.summary(report));
    output.note("Report: " + file);
    return 0;
  }

  private static Path reports(Suite suite) {
    Path folder = suite.directory().resolve("reports");
    try {
      return Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create " + folder, e);
    }
  }
}
