package dev.loupe.cli;

import dev.loupe.analyze.Analysis;
import dev.loupe.analyze.AnalysisSetup;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Site;
import dev.loupe.dictionary.Suite;
import dev.loupe.evaluate.Report;
import dev.loupe.evaluate.SuiteEvaluation;
import dev.loupe.model.LlamaConfig;
import dev.loupe.model.ModelFolder;
import dev.loupe.store.FeatureStore;
import dev.loupe.store.StoreSummary;
import dev.loupe.tensor.Torch;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.Split;
import dev.loupe.train.BufferSetup;
import dev.loupe.train.Resume;
import dev.loupe.train.StepKind;
import dev.loupe.train.SuiteTrainer;
import dev.loupe.train.TrainingSession;
import dev.loupe.train.TrainingSetup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code loupe demo}: the main job on what is bundled. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Trains a suite on the bundled model and corpus: every layer and site in one pass. Then"
            + " evaluates it, finds out what each feature does, and shows the pages.",
    footer = {
      "",
      "Example: ./loupe demo",
      "         ./loupe demo --tokens 50k --layers 3 --sites R   (a minute)",
      "A suite that is already in the folder is shown without training it again; Ctrl-C saves, and"
          + " the same command goes on."
    })
final class DemoCommand implements Callable<Integer> {
  private static final long EVALUATION_TOKENS = 100_000;
  private static final long LOSS_TOKENS = 8_192;
  private static final long ANALYSIS_TOKENS = 300_000;

  @Option(
      names = "--dir",
      paramLabel = "D",
      defaultValue = "runs/demo",
      description = "where the suite goes (default: ${DEFAULT-VALUE})")
  private Path dir = Path.of("runs/demo");

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "600k",
      description = "to train on (default: ${DEFAULT-VALUE})")
  private Quantity tokens = new Quantity(600_000);

  @Mixin private WhichDictionaries which = new WhichDictionaries();
  @Mixin private RecipeOptions recipe = new RecipeOptions();

  @Option(
      names = "--random",
      description = "do the same with the model's weights re-drawn, to compare with (in D-random)")
  private boolean random;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "of everything random (default: ${DEFAULT-VALUE})")
  private long seed;

  @Option(names = "--no-serve", description = "end after printing, without the pages")
  private boolean noServe;

  @Mixin private ListenOptions listen = new ListenOptions();

  @Mixin private SafeguardOptions safeguards = new SafeguardOptions();
  @Mixin private ComputeOptions compute = new ComputeOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Override
  public Integer call() {
    ModelFolder model = ModelFolder.resolve("demo");
    List<DictionaryName> names =
        recipe.sweep().names(which.names(LlamaConfig.read(model.directory()).layers()));
    compute.start();
    Map<String, Object> json = new LinkedHashMap<>();
    Optional<Suite> floor = Optional.empty();
    if (random) {
      Path beside = dir.resolveSibling(dir.getFileName() + "-random");
      if (!one(ModelFolder.resolve("demo-random"), beside, names, floor, json)) {
        return 0;
      }
      floor = Optional.of(Suite.open(beside));
    }
    if (!one(model, dir, names, floor, json)) {
      return 0;
    }
    if (output.json()) {
      output.print(json, () -> "");
    }
    return noServe ? 0 : listen.serve(Suite.open(dir), Optional.empty(), false, compute, true);
  }

  /** Trains where that is still to be done, evaluates, shows; false if stopped before the end. */
  private boolean one(
      ModelFolder model,
      Path folder,
      List<DictionaryName> names,
      Optional<Suite> floor,
      Map<String, Object> json) {
    Suite suite = trained(model, folder, names);
    if (suite.manifest().stepsDone() < suite.manifest().steps()) {
      return false;
    }
    DemoPrinter printer = new DemoPrinter(output);
    Report report = evaluated(model, suite);
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("suite", folder.toString());
    result.put("report", report);
    printer.report(model, report);
    List<StoreSummary> analyses = analysed(model, suite, floor);
    result.put("analyses", analyses);
    printer.analyses(analyses);
    shown(suite.names())
        .ifPresent(name -> {
          try (FeatureStore store = Analysis.open(suite, name)) {
            result.put("features", new DemoFeatures(printer).show(store));
          }
        });
    printer.next(folder, suite);
    json.put(model.name(), result);
    return true;
  }

  private Suite trained(ModelFolder model, Path folder, List<DictionaryName> names) {
    boolean begun = TrainingSession.isBegun(folder);
    if (!begun && Suite.isWritten(folder)) {
      output.note("Using the suite in " + folder + "; remove the folder to train anew.");
      return Suite.open(folder);
    }
    TrainingSetup setup =
        new TrainingSetup(
            model,
            CorpusSpec.parse("demo"),
            recipe.sweep().recipes(recipe.recipe("demo")),
            names,
            OptionalInt.empty(),
            tokens.value(),
            1,
            seed,
            BufferSetup.of(Torch.freeMemoryBytes() / 4),
            compute.trainingLmDtype(),
            StepKind.fastest(compute.device()),
            compute.device(),
            false,
            folder,
            begun ? safeguards.resume(true) : Resume.NO,
            safeguards.safeguards());
    output.note(
        "%s %d dictionaries of %s on %,d tokens"
            .formatted(
                begun ? "Going on with" : "Training", names.size(), model.name(), tokens.value()));
    SuiteTrainer.Result result = TrainingReport.train(setup);
    if (!result.isWhole()) {
      output.note(
          "Stopped after %,d of %,d steps; the same command goes on."
              .formatted(result.stepsDone(), result.steps()));
    }
    return Suite.open(folder);
  }

  private Report evaluated(ModelFolder model, Suite suite) {
    Path file = suite.directory().resolve("reports/evaluation.json");
    if (Files.isRegularFile(file)) {
      return Report.read(file);
    }
    SuiteEvaluation.Setup setup =
        new SuiteEvaluation.Setup(
            suite,
            model,
            CorpusSpec.parse("demo"),
            List.of(),
            Math.min(EVALUATION_TOKENS, Math.max(LOSS_TOKENS, tokens.value())),
            LOSS_TOKENS,
            0,
            seed,
            Set.of(),
            false,
            false,
            compute.lmDtype(),
            compute.device());
    try (ConsoleProgress progress = new ConsoleProgress()) {
      Report report = SuiteEvaluation.run(setup, progress, Interrupts::requested);
      Files.createDirectories(file.getParent());
      report.write(file);
      return report;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create " + file.getParent(), e);
    }
  }

  /** Writes the feature stores, or finds them written. */
  private List<StoreSummary> analysed(ModelFolder model, Suite suite, Optional<Suite> floor) {
    AnalysisSetup setup =
        new AnalysisSetup(
            suite,
            model,
            CorpusSpec.parse("demo"),
            List.of(),
            Split.HELD_OUT,
            Math.min(ANALYSIS_TOKENS, Math.max(LOSS_TOKENS, tokens.value())),
            0,
            seed,
            false,
            false,
            true,
            compute.lmDtype(),
            compute.device(),
            floor,
            AnalysisSetup.features(suite));
    try (ConsoleProgress progress = new ConsoleProgress()) {
      return Analysis.run(setup, progress, Interrupts::requested).stream()
          .map(name -> FeatureStore.summary(AnalysisSetup.features(suite).resolve(name.toString())))
          .toList();
    }
  }

  /** The residual stream of a middle layer, or the first dictionary there is. */
  private static Optional<DictionaryName> shown(List<DictionaryName> names) {
    int middle = names.stream().mapToInt(DictionaryName::layer).sum() / names.size();
    return names.stream()
        .min(
            Comparator.<DictionaryName>comparingInt(n -> n.site() == Site.R ? 0 : 1)
                .thenComparingInt(n -> Math.abs(n.layer() - middle))
                .thenComparingInt(n -> -n.layer()));
  }
}
