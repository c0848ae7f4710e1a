package dev.loupe.cli;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.model.LlamaConfig;
import dev.loupe.model.ModelFolder;
import dev.loupe.text.CorpusSpec;
import dev.loupe.train.BufferSetup;
import dev.loupe.train.PlanRequest;
import dev.loupe.train.Recipe;
import dev.loupe.train.StepKind;
import dev.loupe.train.TrainingSetup;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a run of training is: the same for the command that plans it and the one that does it. */
final class TrainingOptions {
  private static final String AUTO = "auto";

  @Option(
      names = "--model",
      required = true,
      paramLabel = "M",
      description = "a folder in the Hugging Face layout, or demo, demo-chat, demo-random")
  private String model = "";

  @Option(
      names = "--tokens",
      required = true,
      paramLabel = "N",
      description = "how many to train on, such as 800M")
  private Quantity tokens = new Quantity(0);

  @Mixin private WhichDictionaries which = new WhichDictionaries();
  @Mixin private RecipeOptions recipe = new RecipeOptions();

  @Option(
      names = "--passes",
      paramLabel = "N",
      description =
          "of the model over the corpus, each for some of the dictionaries: more need less memory"
              + " and more time; auto is as few as fit (default: 1)")
  private @Nullable String passes;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "of everything random (default: ${DEFAULT-VALUE})")
  private long seed;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "1",
      description = "how often the corpus may be read at most (default: ${DEFAULT-VALUE})")
  private int epochs = 1;

  @Mixin private BufferOptions buffer = new BufferOptions();

  @Option(
      names = "--skip-bad-lines",
      description = "count bad lines of the corpus instead of stopping")
  private boolean skipBadLines;

  @Option(
      names = "--step",
      paramLabel = "KIND",
      description =
          "simd: kernels that touch only the features that fire, on a CPU; torch: dense, on any"
              + " device (default: simd on a CPU)")
  private @Nullable StepKind step;

  @Mixin private SafeguardOptions safeguards = new SafeguardOptions();
  @Mixin private ComputeOptions compute = new ComputeOptions();

  /** Loads the native library and sets its threads. */
  void start() {
    compute.start();
  }

  /** What decides how much the run needs. */
  PlanRequest request() {
    ModelFolder folder = ModelFolder.resolve(model);
    LlamaConfig config = LlamaConfig.read(folder.directory());
    return new PlanRequest(
        folder.name(),
        config,
        recipe(),
        names(config),
        AUTO.equals(passes) ? OptionalInt.empty() : OptionalInt.of(parsedPasses().orElse(1)),
        tokens.value(),
        buffer.setup(),
        compute.trainingLmDtype(),
        step());
  }

  /**
   * The run.
   *
   * @param planned its passes; absent where it goes on with those that it has
   * @param kept how activations are kept, as it was planned
   */
  TrainingSetup setup(
      CorpusSpec corpus, Path out, boolean resume, OptionalInt planned, BufferSetup kept) {
    ModelFolder folder = ModelFolder.resolve(model);
    return new TrainingSetup(
        folder,
        corpus,
        recipe(),
        names(LlamaConfig.read(folder.directory())),
        planned,
        tokens.value(),
        epochs,
        seed,
        kept,
        compute.trainingLmDtype(),
        step(),
        compute.device(),
        skipBadLines,
        out,
        safeguards.resume(resume),
        safeguards.safeguards());
  }

  /** The passes that were asked for by their number. */
  OptionalInt parsedPasses() {
    if (passes == null || passes.equals(AUTO)) {
      return OptionalInt.empty();
    }
    if (!passes.matches("[1-9]\\d{0,5}")) {
      throw new IllegalArgumentException(
          "expected --passes auto or a number of 1 or more, got '" + passes + "'");
    }
    return OptionalInt.of(Integer.parseInt(passes));
  }

  boolean isResumed(boolean resume) {
    return safeguards.isResumed(resume);
  }

  private Recipe recipe() {
    return recipe.recipe(model.startsWith("demo") ? "demo" : "llama-scope");
  }

  private List<DictionaryName> names(LlamaConfig config) {
    return which.names(config.layers());
  }

  private StepKind step() {
    return step == null ? StepKind.fastest(compute.device()) : step;
  }
}
