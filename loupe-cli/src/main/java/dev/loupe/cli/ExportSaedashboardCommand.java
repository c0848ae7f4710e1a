package dev.loupe.cli;

import dev.loupe.exchange.ExportSummary;
import dev.loupe.exchange.SaeDashboardExport;
import dev.loupe.store.FeatureStore;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code loupe export saedashboard}. */
@Command(
    name = "saedashboard",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Writes batch-N.json and skipped_indexes.json, as SAEDashboard does.",
    footer = {
      "",
      "Example: ./loupe export saedashboard runs/first L2R-8x --out runs/sd",
      "Features that never fire are in skipped_indexes.json alone."
    })
final class ExportSaedashboardCommand implements Callable<Integer> {
  @Mixin private ExportOptions options = new ExportOptions();

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "128",
      description =
          "features of a file, up to " + SaeDashboardExport.MOST + " (default: ${DEFAULT-VALUE})")
  private int batch = 128;

  @Mixin private OutputOptions output = new OutputOptions();

  @Override
  public Integer call() {
    try (FeatureStore store = options.open();
        ConsoleProgress progress = new ConsoleProgress()) {
      ExportSummary written =
          SaeDashboardExport.write(store, options.selection(store), batch, options.out(), progress);
      progress.end();
      output.print(written, () -> options.text(written));
    }
    return 0;
  }
}
