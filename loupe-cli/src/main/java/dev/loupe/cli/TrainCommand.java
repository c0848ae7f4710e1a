package dev.loupe.cli;

import dev.loupe.model.LlamaConfig;
import dev.loupe.model.ModelFolder;
import dev.loupe.text.CorpusSpec;
import dev.loupe.train.Recipe;
import dev.loupe.train.StepKind;
import dev.loupe.train.TrainingSetup;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code loupe train}. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Trains a suite of dictionaries on one pass of a language model.",
    footer = {
      "",
      "Example: ./loupe train --model demo --corpus demo --out runs/first --layers 2,4 --sites R"
          + " --tokens 200k",
      "Ctrl-C saves what there is; the same command with --resume goes on, also after a kill."
    })
final class TrainCommand implements Callable<Integer> {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "M",
      description = "a folder in the Hugging Face layout, or demo, demo-chat, demo-random")
  private String model = "";

  @Option(
      names = "--corpus",
      required = true,
      paramLabel = "C",
      description =
          "files (.jsonl, .jsonl.gz, .jsonl.zst, .txt, .parquet), a folder, a glob, demo,"
              + " demo-chat, or a mixture a.jsonl=0.7,b.jsonl=0.3")
  private String corpus = "";

  @Option(names = "--out", required = true, paramLabel = "SUITE", description = "a new folder")
  private Path out = Path.of("");

  @Option(
      names = "--tokens",
      required = true,
      paramLabel = "N",
      description = "how many to train on, such as 800M")
  private Quantity tokens = new Quantity(0);

  @Mixin private WhichDictionaries which = new WhichDictionaries();
  @Mixin private RecipeOptions recipe = new RecipeOptions();

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

  @Option(names = "--resume", description = "go on with a stopped run in SUITE")
  private boolean resume;

  @Mixin private SafeguardOptions safeguards = new SafeguardOptions();
  @Mixin private ComputeOptions compute = new ComputeOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Override
  public Integer call() {
    ModelFolder folder = ModelFolder.resolve(model);
    LlamaConfig config = LlamaConfig.read(folder.directory());
    Recipe chosen = recipe.recipe(model.startsWith("demo") ? "demo" : "llama-scope");
    CorpusSpec texts = CorpusSpec.parse(corpus);
    compute.start();
    TrainingSetup setup =
        new TrainingSetup(
            folder,
            texts,
            chosen,
            which.names(config.layers()),
            tokens.value(),
            epochs,
            seed,
            buffer.setup(),
            compute.trainingLmDtype(),
            step == null ? StepKind.fastest(compute.device()) : step,
            compute.device(),
            skipBadLines,
            out,
            safeguards.resume(resume),
            safeguards.safeguards());
    return TrainingReport.run(setup, output);
  }
}
