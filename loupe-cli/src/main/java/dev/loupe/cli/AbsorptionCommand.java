package dev.loupe.cli;

import dev.loupe.dictionary.Suite;
import dev.loupe.model.ModelFolder;
import dev.loupe.probing.Absorption;
import dev.loupe.probing.AbsorptionReport;
import dev.loupe.probing.ProbingSetup;
import dev.loupe.text.CorpusSpec;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code loupe absorption}. */
@Command(
    name = "absorption",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Measures how often the features of first letters are silent because a feature of the word"
            + " took their direction over.",
    footer = {
      "",
      "Example: ./loupe absorption runs/first --model demo --corpus demo",
      "Letters that a dense probe cannot tell with an F1 of 0.8 are not measurable, and it says"
          + " so. The report goes to SUITE/reports/absorption.json unless --out says otherwise."
    })
final class AbsorptionCommand implements Callable<Integer> {
  @Mixin private SuiteOptions on = new SuiteOptions();
  @Mixin private OnlyOptions only = new OnlyOptions();

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "200k",
      description = "held-out tokens among which words are looked for (default: ${DEFAULT-VALUE})")
  private Quantity tokens = new Quantity(200_000);

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "of the choice of words and the resampling (default: ${DEFAULT-VALUE})")
  private long seed;

  @Mixin private ReportOptions reports = new ReportOptions();
  @Mixin private ComputeOptions compute = new ComputeOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Override
  public Integer call() {
    Suite opened = on.suite();
    ModelFolder folder = on.model();
    CorpusSpec texts = on.corpus();
    compute.start();
    ProbingSetup setup =
        new ProbingSetup(
            opened,
            folder,
            texts,
            only.names(),
            seed,
            on.otherModel(),
            on.skipBadLines(),
            compute.lmDtype(),
            compute.device(),
            ProbingSetup.BATCH_IDS,
            output.commandLine());
    AbsorptionReport report;
    try (ConsoleProgress progress = new ConsoleProgress()) {
      report = Absorption.run(setup, tokens.value(), progress, Interrupts::requested);
    }
    reports.write(opened, "absorption.json", report::write);
    output.print(report, () -> AbsorptionText.of(report));
    return 0;
  }
}
