package dev.loupe.cli;

import dev.loupe.dictionary.Suite;
import dev.loupe.evaluate.EvaluationPart;
import dev.loupe.evaluate.PositionReport;
import dev.loupe.evaluate.Report;
import dev.loupe.evaluate.SuiteEvaluation;
import dev.loupe.evaluate.Tables;
import dev.loupe.files.WorkPart;
import dev.loupe.model.LlamaConfig;
import dev.loupe.model.ModelFolder;
import dev.loupe.text.CorpusSpec;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
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
      "The report goes to SUITE/reports/evaluation.json, or positions.json by position, unless"
          + " --out says otherwise; the guide defines its fields.",
      "",
      "By three processes, with the same options otherwise:",
      "  ./loupe evaluate runs/first --model demo --corpus demo --part 1/3 --parts-dir runs/parts",
      "and 2/3 and 3/3 elsewhere, then, where all parts are,",
      "  ./loupe evaluate runs/first --model demo --corpus demo --merge runs/parts"
    })
final class EvaluateCommand implements Callable<Integer> {
  @Mixin private SuiteOptions on = new SuiteOptions();
  @Mixin private OnlyOptions only = new OnlyOptions();

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

  @Option(
      names = "--by-position",
      description =
          "errors, L0 and losses by position, on documents of at least --context tokens (default:"
              + " four times as trained, as far as the model goes)")
  private boolean byPosition;

  @Option(
      names = "--floors",
      description =
          "evaluate principal components and random directions beside the dictionaries: what they"
              + " must beat")
  private boolean floors;

  @Option(
      names = "--trained-gate",
      description = "evaluate each TopK dictionary also with the gate that it was trained with")
  private boolean trainedGate;

  @Mixin private ReportOptions reports = new ReportOptions();

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "of the order of documents and the resampling (default: ${DEFAULT-VALUE})")
  private long seed;

  @ArgGroup(exclusive = true, heading = "%nTo share the work among processes:%n")
  private PartOptions parts = new PartOptions();

  @Mixin private ComputeOptions compute = new ComputeOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Override
  public Integer call() {
    Suite opened = on.suite();
    ModelFolder folder = on.model();
    CorpusSpec texts = on.corpus();
    if (byPosition && !beside().isEmpty()) {
      throw new IllegalArgumentException(
          "expected --by-position without --floors and --trained-gate, got both");
    }
    if (byPosition && (parts.part().isPresent() || parts.merge().isPresent())) {
      throw new IllegalArgumentException(
          "expected --by-position without --part and --merge, got both; it is not made in parts");
    }
    compute.start();
    SuiteEvaluation.Setup setup =
        new SuiteEvaluation.Setup(
            opened,
            folder,
            texts,
            only.names(),
            tokens.value(),
            lossTokens.value(),
            byPosition ? longContext(opened, folder) : context,
            seed,
            beside(),
            on.otherModel(),
            on.skipBadLines(),
            compute.lmDtype(),
            compute.device());
    if (byPosition) {
      byPosition(setup);
    } else if (parts.part().isPresent()) {
      part(setup, parts.part().get());
    } else {
      evaluate(setup);
    }
    return 0;
  }

  private Set<SuiteEvaluation.Beside> beside() {
    Set<SuiteEvaluation.Beside> beside = EnumSet.noneOf(SuiteEvaluation.Beside.class);
    if (floors) {
      beside.add(SuiteEvaluation.Beside.FLOORS);
    }
    if (trainedGate) {
      beside.add(SuiteEvaluation.Beside.TRAINED_GATE);
    }
    return beside;
  }

  private int longContext(Suite suite, ModelFolder folder) {
    int most = LlamaConfig.read(folder.directory()).maxPositions();
    int trained = suite.manifest().recipe().path("context").asInt();
    return context > 0 ? context : Math.min(4 * trained, most);
  }

  private void part(SuiteEvaluation.Setup setup, WorkPart part) {
    Path folder;
    try (ConsoleProgress progress = new ConsoleProgress()) {
      folder = EvaluationPart.write(setup, part, parts.folder(), progress, Interrupts::requested);
    }
    PartOptions.Written written = PartOptions.Written.of(part, folder);
    output.print(written, written::text);
  }

  private void evaluate(SuiteEvaluation.Setup setup) {
    Report report;
    try (ConsoleProgress progress = new ConsoleProgress()) {
      report =
          parts.merge().isPresent()
              ? EvaluationPart.merge(setup, parts.merge().get(), progress)
              : SuiteEvaluation.run(setup, progress, Interrupts::requested);
    }
    reports.write(setup.suite(), "evaluation.json", report::write);
    output.print(report, () -> Tables.summary(report));
  }

  private void byPosition(SuiteEvaluation.Setup setup) {
    PositionReport report;
    try (ConsoleProgress progress = new ConsoleProgress()) {
      report = SuiteEvaluation.byPosition(setup, progress, Interrupts::requested);
    }
    reports.write(setup.suite(), "positions.json", report::write);
    output.print(report, () -> Tables.positions(report));
    output.note(
        "%,d contexts of %,d documents; ratios are to the mean before position %,d."
            .formatted(report.contexts(), report.documents(), report.trainedContext()));
  }
}
