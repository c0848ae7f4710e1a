package dev.loupe.cli;

import dev.loupe.dictionary.Suite;
import dev.loupe.figure.Document;
import dev.loupe.figure.DocumentFiles;
import dev.loupe.report.MeasureSetup;
import dev.loupe.report.Measurements;
import dev.loupe.report.SuiteReport;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code loupe report}. */
@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Writes all that was measured of a suite as one page of figures and tables, and the same as"
            + " JSON and CSV.",
    footer = {
      "",
      "Example: ./loupe report runs/first --out runs/first-report",
      "         ./loupe report runs/first --out runs/first-report --measure --model demo --corpus"
          + " demo",
      "It shows what evaluate, analyze, transfer, geometry, splitting, probe and absorption left in"
          + " the suite's folder. With --measure it runs those that are lacking first; stopped, the"
          + " same command goes on. Each figure names the command that it needs. The pages of serve"
          + " show the same under /report."
    })
final class ReportCommand implements Callable<Integer> {
  @Parameters(paramLabel = "SUITE", description = "the suite's folder")
  private Path suite = Path.of("");

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "a folder for index.html, document.json, data/*.csv and svg/*.svg")
  private Path out = Path.of("");

  @Option(
      names = "--beside",
      paramLabel = "SUITE",
      description =
          "the same run on a model that knows nothing, such as demo-random, for the tables")
  private @Nullable Path beside;

  @ArgGroup(exclusive = false, heading = "%nTo measure what is lacking:%n")
  private @Nullable MeasureOptions measure;

  @Mixin private ComputeOptions compute = new ComputeOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Override
  public Integer call() {
    Suite opened = Suite.open(suite);
    Optional<Suite> other = Optional.ofNullable(beside).map(Suite::open);
    if (measure != null && measure.isWanted()) {
      MeasureSetup setup = measure.setup(opened, other, compute, output.commandLine());
      compute.start();
      try (ConsoleProgress progress = new ConsoleProgress()) {
        Measurements.run(
            setup,
            progress,
            Interrupts::requested,
            line -> {
              progress.end();
              output.note(line);
            });
      }
    }
    Document document = SuiteReport.of(opened, other);
    DocumentFiles.write(out, document);
    output.print(
        document,
        () ->
            "%d figures and tables: %s"
                .formatted(document.exhibits().size(), out.resolve(DocumentFiles.PAGE)));
    return 0;
  }
}
