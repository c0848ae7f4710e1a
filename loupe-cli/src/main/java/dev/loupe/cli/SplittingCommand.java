package dev.loupe.cli;

import dev.loupe.analyze.AnalysisSetup;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import dev.loupe.geometry.Splitting;
import dev.loupe.geometry.SplittingReport;
import dev.loupe.geometry.SplittingRules;
import dev.loupe.geometry.SplittingSetup;
import dev.loupe.text.Split;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code loupe splitting}. */
@Command(
    name = "splitting",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Says which features of a wide dictionary refine which of a narrow one of the same site,"
            + " and which are new: by the cosine of decoder columns and by where they fire.",
    footer = {
      "",
      "Example: ./loupe splitting runs/first L2R-8x L2R-32x --model demo --corpus demo",
      "The report goes to SUITE/reports/splitting-NARROW-WIDE.json unless --out says otherwise; the"
          + " guide defines its fields."
    })
final class SplittingCommand implements Callable<Integer> {
  @Mixin private SuiteOptions on = new SuiteOptions();

  @Parameters(index = "1", paramLabel = "NARROW", description = "a dictionary, such as L2R-8x")
  private String narrow = "";

  @Parameters(index = "2", paramLabel = "WIDE", description = "a wider one, such as L2R-32x")
  private String wide = "";

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "200k",
      description = "tokens to encode (default: ${DEFAULT-VALUE})")
  private Quantity tokens = new Quantity(200_000);

  @Option(
      names = "--split",
      paramLabel = "SPLIT",
      defaultValue = "held-out",
      description =
          "documents to take: held-out, train or all (default: ${DEFAULT-VALUE}); categories are"
              + " always held against held-out ones")
  private String split = "held-out";

  @Option(
      names = "--context",
      paramLabel = "N",
      defaultValue = "0",
      description = "positions of a context (default: as trained)")
  private int context;

  @Option(
      names = "--cosine",
      paramLabel = "X",
      defaultValue = "0.4",
      description = "of decoder columns that are near, at least (default: ${DEFAULT-VALUE})")
  private double cosine = SplittingRules.USUAL.cosine();

  @Option(
      names = "--containment",
      paramLabel = "X",
      defaultValue = "0.5",
      description =
          "share of a wide feature's firings on which the narrow one fires, at least (default:"
              + " ${DEFAULT-VALUE})")
  private double containment = SplittingRules.USUAL.containment();

  @Option(
      names = "--min-firings",
      paramLabel = "N",
      defaultValue = "20",
      description = "of a feature, for anything to be said of it (default: ${DEFAULT-VALUE})")
  private int firings = SplittingRules.USUAL.firings();

  @Option(
      names = "--max-rate",
      paramLabel = "X",
      defaultValue = "0.1",
      description =
          "of a narrow feature that contains others; one that fires more often contains anything"
              + " (default: ${DEFAULT-VALUE})")
  private double mostRate = SplittingRules.USUAL.mostRate();

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "of the order of documents and the baseline (default: ${DEFAULT-VALUE})")
  private long seed;

  @Mixin private ReportOptions reports = new ReportOptions();
  @Mixin private ComputeOptions compute = new ComputeOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Override
  public Integer call() {
    Suite opened = on.suite();
    SplittingSetup setup =
        new SplittingSetup(
            DictionaryName.parse(narrow),
            DictionaryName.parse(wide),
            source(opened),
            new SplittingRules(cosine, containment, firings, mostRate),
            SplittingSetup.BASELINE_DRAWS);
    compute.start();
    SplittingReport report;
    try (ConsoleProgress progress = new ConsoleProgress()) {
      report = Splitting.run(setup, output.commandLine(), progress, Interrupts::requested);
    }
    String name = "splitting-%s-%s.json".formatted(setup.narrow(), setup.wide());
    reports.write(opened, name, report::write);
    output.print(report, () -> SplittingText.of(report));
    return 0;
  }

  private AnalysisSetup source(Suite opened) {
    return new AnalysisSetup(
        opened,
        on.model(),
        on.corpus(),
        List.of(DictionaryName.parse(narrow), DictionaryName.parse(wide)),
        Split.parse(split),
        tokens.value(),
        context,
        seed,
        on.otherModel(),
        on.skipBadLines(),
        false,
        compute.lmDtype(),
        compute.device(),
        Optional.empty(),
        AnalysisSetup.features(opened));
  }
}
