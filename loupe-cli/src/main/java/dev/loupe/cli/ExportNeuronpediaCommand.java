package dev.loupe.cli;

import dev.loupe.exchange.ExportSummary;
import dev.loupe.exchange.NeuronpediaExport;
import dev.loupe.exchange.NeuronpediaNames;
import dev.loupe.store.FeatureStore;
import dev.loupe.store.StoreSummary;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code loupe export neuronpedia}. */
@Command(
    name = "neuronpedia",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Writes the folder of one source in Neuronpedia's bulk layout: release, model, source set"
            + " and source, features and activations.",
    footer = {
      "",
      "Example: ./loupe export neuronpedia runs/first L2R-8x --out exports/demo/2-loupe-r-8x",
      "Neuronpedia looks for the folder at MODEL/SOURCE, as in the example."
    })
final class ExportNeuronpediaCommand implements Callable<Integer> {
  @Mixin private ExportOptions options = new ExportOptions();

  @Option(
      names = "--model-id",
      paramLabel = "ID",
      defaultValue = "",
      description = "the language model's id there (default: its name)")
  private String modelId = "";

  @Option(
      names = "--source-set",
      paramLabel = "NAME",
      defaultValue = "",
      description = "dictionaries of one kind in all layers (default: such as loupe-r-8x)")
  private String sourceSet = "";

  @Option(
      names = "--creator-id",
      paramLabel = "ID",
      defaultValue = NeuronpediaNames.DEFAULT_CREATOR,
      description = "the user whose it shall be (default: the first of a new Neuronpedia)")
  private String creatorId = "";

  @Option(
      names = "--created-at",
      paramLabel = "TIME",
      defaultValue = NeuronpediaNames.DEFAULT_TIME,
      description =
          "the time that rows say, fixed so that files can be compared"
              + " (default: ${DEFAULT-VALUE})")
  private String createdAt = "";

  @Mixin private OutputOptions output = new OutputOptions();

  @Override
  public Integer call() {
    try (FeatureStore store = options.open();
        ConsoleProgress progress = new ConsoleProgress()) {
      ExportSummary written =
          NeuronpediaExport.write(
              store,
              options.selection(store),
              names(store.summary()),
              options.explanations().each(Optional::of),
              options.out(),
              progress);
      progress.end();
      output.print(written, () -> options.text(written));
    }
    return 0;
  }

  private NeuronpediaNames names(StoreSummary summary) {
    return new NeuronpediaNames(
        modelId.isEmpty() ? summary.model() : modelId,
        sourceSet.isEmpty() ? NeuronpediaNames.sourceSet(summary.dictionary()) : sourceSet,
        creatorId,
        NeuronpediaNames.time(createdAt));
  }
}
