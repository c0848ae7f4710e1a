package dev.loupe.cli;

import dev.loupe.dictionary.Suite;
import dev.loupe.evaluate.Metric;
import dev.loupe.evaluate.SuiteEvaluation;
import dev.loupe.evaluate.Transfer;
import dev.loupe.evaluate.TransferReport;
import dev.loupe.model.ModelFolder;
import dev.loupe.text.CorpusSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code loupe transfer}. */
@Command(
    name = "transfer",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Measures a suite on a fine-tuned model: both models, on the base model's kind of text and"
            + " on the tuned one's.",
    footer = {
      "",
      "Example: ./loupe transfer runs/first --model demo --corpus demo --tuned demo-chat"
          + " --tuned-corpus demo-chat --tokens 20k",
      "Norms and thresholds stay the suite's. The report goes to SUITE/reports/transfer.json unless"
          + " --out says otherwise."
    })
final class TransferCommand implements Callable<Integer> {
  private static final List<String> METRICS = List.of("l0", "explained_variance", "delta_loss");
  private static final int NAMED = 5;

  @Mixin private SuiteOptions on = new SuiteOptions();
  @Mixin private OnlyOptions only = new OnlyOptions();

  @Option(
      names = "--tuned",
      required = true,
      paramLabel = "M",
      description = "the fine-tuned model, of the same shape and tokenizer")
  private String tuned = "";

  @Option(
      names = "--tuned-corpus",
      required = true,
      paramLabel = "C",
      description = "text that it was tuned for")
  private String tunedCorpus = "";

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "50k",
      description = "held-out tokens of each text to encode (default: ${DEFAULT-VALUE})")
  private Quantity tokens = new Quantity(50_000);

  @Option(
      names = "--loss-tokens",
      paramLabel = "N",
      defaultValue = "8192",
      description = "tokens among them for losses (default: ${DEFAULT-VALUE})")
  private Quantity lossTokens = new Quantity(8_192);

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "of the order of documents and the resampling (default: ${DEFAULT-VALUE})")
  private long seed;

  @Mixin private ReportOptions reports = new ReportOptions();
  @Mixin private ComputeOptions compute = new ComputeOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Override
  public Integer call() {
    Suite suite = on.suite();
    ModelFolder other = ModelFolder.resolve(tuned);
    CorpusSpec texts = CorpusSpec.parse(tunedCorpus);
    compute.start();
    SuiteEvaluation.Setup setup =
        new SuiteEvaluation.Setup(
            suite,
            on.model(),
            on.corpus(),
            only.names(),
            tokens.value(),
            lossTokens.value(),
            0,
            seed,
            Set.of(),
            on.otherModel(),
            on.skipBadLines(),
            compute.lmDtype(),
            compute.device());
    TransferReport report;
    try (ConsoleProgress progress = new ConsoleProgress()) {
      report = new Transfer(setup, other, texts).run(progress, Interrupts::requested);
    }
    reports.write(suite, "transfer.json", report::write);
    output.print(report, () -> text(report));
    return 0;
  }

  private String text(TransferReport report) {
    List<String> header = new ArrayList<>(List.of("dictionary", "metric"));
    for (TransferReport.Cell cell : TransferReport.Cell.values()) {
      header.add(cell.label().replace("_", " "));
    }
    TextTable table = new TextTable(header, "metric");
    for (String name : report.shifts().keySet()) {
      for (String metric : METRICS) {
        List<String> row = new ArrayList<>(List.of(name, metric));
        for (TransferReport.Cell cell : TransferReport.Cell.values()) {
          row.add(number(report.cell(cell).metric(name, metric)));
        }
        table.row(row.toArray(String[]::new));
      }
    }
    return table + "\n\n" + shifted(report);
  }

  private static String number(Metric metric) {
    return metric.value().isEmpty()
        ? "-"
        : String.format(Locale.ROOT, "%.4f", metric.value().getAsDouble());
  }

  /** The features that shifted most, of all dictionaries. */
  private static String shifted(TransferReport report) {
    StringBuilder text =
        new StringBuilder("Rates that differ most between the models, on the tuned one's text:\n");
    report
        .shifts()
        .forEach((name, shifts) ->
            shifts.stream()
                .limit(NAMED)
                .forEach(shift ->
                    text.append(
                        "  %s/%d  %.4f -> %.4f\n"
                            .formatted(
                                name,
                                shift.feature(),
                                shift.rate(TransferReport.Cell.BASE_MODEL_TUNED_TEXT),
                                shift.rate(TransferReport.Cell.TUNED_MODEL_TUNED_TEXT)))));
    return text.toString().stripTrailing();
  }
}
