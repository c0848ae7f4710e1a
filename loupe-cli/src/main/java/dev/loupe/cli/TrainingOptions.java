package dev.loupe.cli;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.model.LlamaConfig;
import dev.loupe.model.ModelFolder;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Torch;
import dev.loupe.text.CorpusSpec;
import dev.loupe.train.BufferSetup;
import dev.loupe.train.Plan;
import dev.loupe.train.PlanRequest;
import dev.loupe.train.Recipes;
import dev.loupe.train.StepKind;
import dev.loupe.train.Sweep;
import dev.loupe.train.TrainingSetup;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a run of training is: the same for the command that plans it and the one that does it. */
public final class TrainingOptions {
  private static final String AUTO = "auto";
  private static final int MOST_SEEDS = 1_000;

  /** Over which Llama Scope's run warmed up alone. */
  private static final long FEW_STEPS = 5_000;

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
      description =
          "of everything random (default: ${DEFAULT-VALUE}); several, such as 0-2 or 1,5, train a"
              + " dictionary from the first weights of each, on the tokens in the order of the"
              + " first")
  private String seed = "0";

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

  /** Trains with others, on the device of this number. */
  void useRank(int localRank) {
    compute.useDevice(localRank);
    step = step == null ? StepKind.TORCH : step;
  }

  /** The passes that were asked for, which must be a number where nothing is planned. */
  OptionalInt numberOfPasses() {
    if (AUTO.equals(passes)) {
      throw new IllegalArgumentException(
          "expected --passes as a number with --ranks, for which nothing is planned, got auto");
    }
    return parsedPasses();
  }

  /** Loads the native library and sets its threads. */
  void start() {
    compute.start();
  }

  /**
   * The same on a machine that runs a part of the work.
   *
   * @param usualThreads where none are asked for
   */
  public void start(int usualThreads, Device device) {
    compute.start(usualThreads, device);
  }

  /** Where the run computes. */
  public Device device() {
    return compute.device();
  }

  /** Threads that compute, where a number is asked for. */
  public OptionalInt threads() {
    return compute.threads();
  }

  /** What decides how much the run needs. */
  PlanRequest request() {
    return request(Torch.freeMemoryBytes());
  }

  /**
   * What decides how much the run needs.
   *
   * @param freeBytes of memory, a quarter of which the buffer has unless it is told otherwise
   */
  public PlanRequest request(long freeBytes) {
    ModelFolder folder = ModelFolder.resolve(model);
    LlamaConfig config = LlamaConfig.read(folder.directory());
    return new PlanRequest(
        folder.name(),
        config,
        recipes(),
        names(config),
        AUTO.equals(passes) ? OptionalInt.empty() : OptionalInt.of(parsedPasses().orElse(1)),
        tokens.value(),
        buffer.setup(freeBytes),
        compute.trainingLmDtype(),
        step());
  }

  /** A word about a recipe for long runs where the run is short. */
  static Optional<String> caution(PlanRequest request, Plan plan) {
    String recipe = request.recipes().shared().name();
    return recipe.startsWith("llama-scope") && plan.steps() < FEW_STEPS
        ? Optional.of(
            "The recipe %s was made for 390,625 steps, and this run has %,d: one threshold for all tokens may fail then; --recipe loupe trains for it."
                .formatted(recipe, plan.steps()))
        : Optional.empty();
  }

  /**
   * The run.
   *
   * @param planned its passes; absent where it goes on with those that it has
   * @param kept how activations are kept, as it was planned
   */
  public TrainingSetup setup(
      CorpusSpec corpus, Path out, boolean resume, OptionalInt planned, BufferSetup kept) {
    ModelFolder folder = ModelFolder.resolve(model);
    return new TrainingSetup(
        folder,
        corpus,
        recipes(),
        names(LlamaConfig.read(folder.directory())),
        planned,
        tokens.value(),
        epochs,
        seeds().getFirst(),
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
  public OptionalInt parsedPasses() {
    if (passes == null || passes.equals(AUTO)) {
      return OptionalInt.empty();
    }
    if (!passes.matches("[1-9]\\d{0,5}")) {
      throw new IllegalArgumentException(
          "expected --passes auto or a number of 1 or more, got '" + passes + "'");
    }
    return OptionalInt.of(Integer.parseInt(passes));
  }

  /** Whether a stopped run is to go on. */
  public boolean isResumed(boolean resume) {
    return safeguards.isResumed(resume);
  }

  private Recipes recipes() {
    return sweep().recipes(recipe.recipe(model.startsWith("demo") ? "demo" : "loupe"));
  }

  private Sweep sweep() {
    Sweep sweep = recipe.sweep();
    return seeds().size() == 1 ? sweep : sweep.withSeeds(seeds());
  }

  private List<Long> seeds() {
    Matcher range = Pattern.compile("(\\d{1,18})-(\\d{1,18})").matcher(seed);
    if (range.matches() && Long.parseLong(range.group(1)) <= Long.parseLong(range.group(2))) {
      return LongStream.rangeClosed(Long.parseLong(range.group(1)), Long.parseLong(range.group(2)))
          .limit(MOST_SEEDS)
          .boxed()
          .toList();
    }
    if (!seed.matches("-?\\d{1,18}(,\\d{1,18})*")) {
      throw new IllegalArgumentException(
          "expected a number, a list 1,5 or a range 0-2 as --seed, got '" + seed + "'");
    }
    return Arrays.stream(seed.split(",", -1)).map(Long::valueOf).distinct().toList();
  }

  private List<DictionaryName> names(LlamaConfig config) {
    return sweep().names(which.names(config.layers()));
  }

  private StepKind step() {
    return step == null ? StepKind.fastest(compute.device()) : step;
  }
}
