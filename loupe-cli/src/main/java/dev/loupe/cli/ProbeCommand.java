package dev.loupe.cli;

import dev.loupe.dictionary.Suite;
import dev.loupe.model.ModelFolder;
import dev.loupe.probing.Probing;
import dev.loupe.probing.ProbingReport;
import dev.loupe.probing.ProbingSetup;
import dev.loupe.text.CorpusSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code loupe probe}. */
@Command(
    name = "probe",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Probes for the categories of documents: how much a few features know, beside the whole"
            + " activation, a few of its dimensions, and an untrained dictionary.",
    footer = {
      "",
      "Example: ./loupe probe runs/first --model demo --corpus demo",
      "The corpus's documents must carry a category or meta.category, as the bundled WordNet half"
          + " does. The report goes to SUITE/reports/probing.json unless --out says otherwise."
    })
final class ProbeCommand implements Callable<Integer> {
  @Mixin private SuiteOptions on = new SuiteOptions();
  @Mixin private OnlyOptions only = new OnlyOptions();

  @Option(
      names = "--documents",
      paramLabel = "N",
      defaultValue = "10k",
      description =
          "documents to read, 1 of 5 of them held out, the same number of each category as far as"
              + " they go (default: ${DEFAULT-VALUE})")
  private Quantity documents = new Quantity(10_000);

  @Option(
      names = "--k",
      split = ",",
      paramLabel = "K",
      defaultValue = "1,5,20",
      description = "features that a sparse probe reads (default: ${DEFAULT-VALUE})")
  private List<Integer> ks = List.of();

  @Option(
      names = "--no-random",
      description =
          "leave out the untrained dictionaries, which cost as much as the trained ones do")
  private boolean noRandom;

  @Option(
      names = "--floor",
      paramLabel = "SUITE",
      description =
          "the same dictionaries trained on a model that knows nothing (demo-random), probed on the"
              + " same documents: shown beside")
  private @Nullable Path floor;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "of the choice of documents and the resampling (default: ${DEFAULT-VALUE})")
  private long seed;

  @Mixin private ReportOptions reports = new ReportOptions();
  @Mixin private ComputeOptions compute = new ComputeOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Override
  public Integer call() {
    Suite opened = on.suite();
    ModelFolder folder = on.model();
    CorpusSpec texts = on.corpus();
    Probing.Request request =
        new Probing.Request(
            Math.toIntExact(documents.value()),
            ks,
            !noRandom,
            Optional.ofNullable(floor)
                .map(path -> ProbingReport.read(path.resolve("reports/probing.json"))));
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
    ProbingReport report;
    try (ConsoleProgress progress = new ConsoleProgress()) {
      report = Probing.run(setup, request, progress, Interrupts::requested);
    }
    reports.write(opened, "probing.json", report::write);
    output.print(report, () -> ProbingText.of(report));
    return 0;
  }
}
