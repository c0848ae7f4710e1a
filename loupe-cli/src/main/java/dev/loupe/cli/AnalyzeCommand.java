package dev.loupe.cli;

import dev.loupe.analyze.Analysis;
import dev.loupe.analyze.AnalysisPart;
import dev.loupe.analyze.AnalysisSetup;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import dev.loupe.files.WorkPart;
import dev.loupe.model.ModelFolder;
import dev.loupe.store.FeatureStore;
import dev.loupe.store.StoreSummary;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.Split;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code loupe analyze}. */
@Command(
    name = "analyze",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Says what every feature of a suite does: rates, histograms, samples, logits, neighbours,"
            + " categories. One pass of the language model for all dictionaries.",
    footer = {
      "",
      "Example: ./loupe analyze runs/first --model demo --corpus demo --tokens 50k",
      "Writes SUITE/features/NAME/*.parquet, which features, feature and export read and the guide"
          + " explains. Stopped or killed, the same command goes on.",
      "",
      "By three processes, with the same options otherwise:",
      "  ./loupe analyze runs/first --model demo --corpus demo --part 1/3 --parts-dir runs/parts",
      "and 2/3 and 3/3 elsewhere, then, where all parts are,",
      "  ./loupe analyze runs/first --model demo --corpus demo --merge runs/parts"
    })
final class AnalyzeCommand implements Callable<Integer> {
  @Mixin private SuiteOptions on = new SuiteOptions();
  @Mixin private OnlyOptions only = new OnlyOptions();

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "200k",
      description = "tokens to analyse (default: ${DEFAULT-VALUE})")
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
      names = "--floor",
      paramLabel = "SUITE",
      description =
          "the same dictionaries trained on a model that knows nothing (demo-random), analysed on"
              + " the same tokens: what categories are held against beside random directions and"
              + " neurons")
  private @Nullable Path floor;

  @Option(
      names = "--restart",
      description = "throw away an unfinished analysis that was begun with other options")
  private boolean restart;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "of the order of documents and the samples (default: ${DEFAULT-VALUE})")
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
    compute.start();
    Interrupts.willSave();
    AnalysisSetup setup =
        new AnalysisSetup(
            opened,
            folder,
            texts,
            only.names(),
            Split.parse(split),
            tokens.value(),
            context,
            seed,
            on.otherModel(),
            on.skipBadLines(),
            restart,
            compute.lmDtype(),
            compute.device(),
            Optional.ofNullable(floor).map(Suite::open),
            AnalysisSetup.features(opened));
    if (parts.part().isPresent()) {
      part(setup, parts.part().get());
    } else {
      stores(setup);
    }
    return 0;
  }

  private void part(AnalysisSetup setup, WorkPart part) {
    Path folder;
    try (ConsoleProgress progress = new ConsoleProgress()) {
      folder = AnalysisPart.write(setup, part, parts.folder(), progress, Interrupts::requested);
    }
    PartOptions.Written written = PartOptions.Written.of(part, folder);
    output.print(written, written::text);
  }

  private void stores(AnalysisSetup setup) {
    List<DictionaryName> names;
    try (ConsoleProgress progress = new ConsoleProgress()) {
      names =
          parts.merge().isPresent()
              ? Analysis.merge(setup, parts.merge().get(), progress, Interrupts::requested)
              : Analysis.run(setup, progress, Interrupts::requested);
    }
    List<StoreSummary> summaries =
        names.stream()
            .map(name -> FeatureStore.summary(setup.out().resolve(name.toString())))
            .toList();
    output.print(summaries, () -> AnalysisText.whole(summaries));
    output.note("Feature stores: " + setup.out());
  }
}
