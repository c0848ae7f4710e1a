package dev.loupe.cli;

import dev.loupe.model.Llama;
import dev.loupe.model.ModelFolder;
import dev.loupe.train.ForwardBench;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code loupe bench forward}. */
@Command(
    name = "forward",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Times the language model over whole contexts, as training runs it: all layers, no logits.",
    footer = {
      "",
      "Example: ./loupe bench forward --model demo --shape 32x256",
      "Other programs that run meanwhile make it slower; the fastest pass tells by how much."
    })
final class BenchForwardCommand implements Callable<Integer> {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "M",
      description = "a folder in the Hugging Face layout, or demo, demo-chat, demo-random")
  private String model = "";

  @Option(
      names = "--shape",
      paramLabel = "CxP",
      defaultValue = "8x256",
      description = "contexts, and positions of each (default: ${DEFAULT-VALUE})")
  private String shape = "8x256";

  @Option(
      names = "--repeats",
      paramLabel = "N",
      defaultValue = "7",
      description = "passes to time (default: ${DEFAULT-VALUE})")
  private int repeats = 7;

  @Mixin private ComputeOptions compute = new ComputeOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Override
  public Integer call() {
    ForwardBench.Shape contexts = ForwardBench.Shape.parse(shape);
    Path folder = ModelFolder.resolve(model).directory();
    compute.start();
    try (Llama llama = Llama.load(folder, compute.trainingLmDtype(), compute.device())) {
      ForwardBench.Result result = ForwardBench.run(llama, contexts, repeats);
      output.print(result, () -> text(result));
    }
    return 0;
  }

  private static String text(ForwardBench.Result result) {
    return "%,.0f tokens/s: %s in %.3f s (median of %d, fastest %.3f s), %s, %d threads, %,d MB at most; %s"
        .formatted(
            result.tokensPerSecond(),
            result.shape(),
            result.medianSeconds(),
            result.repeats(),
            result.fastestSeconds(),
            result.dtype(),
            result.threads(),
            result.peakBytes() / 1_000_000,
            result.machine());
  }
}
