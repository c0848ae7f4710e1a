package dev.loupe.cli;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import dev.loupe.evaluate.Report;
import dev.loupe.evaluate.Tables;
import dev.loupe.model.ModelFolder;
import dev.loupe.store.StoreSummary;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** What the demo shows to people; nothing where JSON was asked for. */
final class DemoPrinter {
  private static final SequencedMap<String, String> GRIDS = new LinkedHashMap<>();

  static {
    GRIDS.put("l0", "L0: features that fire per token");
    GRIDS.put("explained_variance", "explained variance, 1 − ‖x−x̂‖²/‖x‖² (the paper's)");
    GRIDS.put("explained_variance_centred", "explained variance, centred");
    GRIDS.put("delta_loss", "delta loss, nats: what splicing the reconstruction in costs");
    GRIDS.put(
        "loss_recovered", "loss recovered, of what zeroing costs (- where zeroing costs nothing)");
    GRIDS.put("dead_fraction", "dead features, share");
  }

  private final OutputOptions output;

  DemoPrinter(OutputOptions output) {
    this.output = output;
  }

  boolean coloured() {
    return Colours.ARE_SHOWN;
  }

  void report(ModelFolder model, Report report) {
    heading(
        "%s: %d dictionaries on %,d held-out tokens (losses on %,d)"
            .formatted(
                model.name(), report.dictionaries().size(), report.tokens(), report.lossTokens()));
    for (Map.Entry<String, String> grid : GRIDS.entrySet()) {
      boolean known =
          report.dictionaries().values().stream()
              .anyMatch(metrics -> metrics.get(grid.getKey()).value().isPresent());
      if (known) {
        line("");
        line(grid.getValue());
        String table = Tables.grid(report, grid.getKey()).stripTrailing();
        line(table.replaceFirst("^" + grid.getKey(), " ".repeat(grid.getKey().length())));
      }
    }
  }

  void analyses(List<StoreSummary> analyses) {
    heading("What the features do, on %,d held-out tokens".formatted(analyses.getFirst().tokens()));
    line(AnalysisText.whole(analyses));
  }

  void next(Path folder, Suite suite) {
    DictionaryName name = suite.names().get(suite.names().size() / 2);
    String model = suite.manifest().model();
    heading("Next");
    for (String command :
        List.of(
            "./loupe encode --model %s --dictionary %s/%s \"The whale came up to breathe.\""
                .formatted(model, folder, name),
            "./loupe features %s %s --sort interesting".formatted(folder, name),
            "./loupe feature %s %s/0".formatted(folder, name),
            "./loupe serve %s".formatted(folder),
            "./loupe doctor --model %s --dictionary %s/%s --corpus demo"
                .formatted(model, folder, name),
            "./loupe convert %s/%s exported --format saelens".formatted(folder, name),
            "./loupe train --help   (your own model: a folder in the Hugging Face layout)")) {
      line("  " + command);
    }
  }

  void heading(String text) {
    line("");
    line(Colours.bold(text, coloured()));
  }

  void line(String text) {
    if (!output.json()) {
      output.line(text);
    }
  }
}
