package dev.loupe.cli;

import dev.loupe.train.StepBench;
import dev.loupe.train.StepKind;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code loupe bench step}. */
@Command(
    name = "step",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Times one training step of one dictionary, on synthetic activations.",
    footer = {
      "",
      "Example: ./loupe bench step --d-model 1024 --features 16384 --k 50 --batch 2048",
      "Other programs that run meanwhile make it slower; the fastest step tells by how much."
    })
final class BenchStepCommand implements Callable<Integer> {
  @Option(
      names = "--d-model",
      paramLabel = "D",
      defaultValue = "1024",
      description = "dimensions of the activations (default: ${DEFAULT-VALUE})")
  private int dModel = 1024;

  @Option(
      names = "--features",
      paramLabel = "F",
      defaultValue = "16384",
      description = "features of the dictionary, a multiple of D (default: ${DEFAULT-VALUE})")
  private int features = 16_384;

  @Option(
      names = "--k",
      paramLabel = "K",
      defaultValue = "50",
      description = "features per token (default: ${DEFAULT-VALUE})")
  private int k = 50;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "2048",
      description = "tokens of a step (default: ${DEFAULT-VALUE})")
  private int batch = 2048;

  @Option(
      names = "--step",
      paramLabel = "KIND",
      defaultValue = "simd",
      description =
          "simd, the kernels that training uses on a CPU, or torch, the dense step on libtorch"
              + " (default: ${DEFAULT-VALUE})")
  private StepKind step = StepKind.SIMD;

  @Option(
      names = "--repeats",
      paramLabel = "N",
      defaultValue = "15",
      description = "steps to time, for each K (default: ${DEFAULT-VALUE})")
  private int repeats = 15;

  @Option(
      names = "--warm-ups",
      paramLabel = "N",
      defaultValue = "10",
      description = "steps before them, in which the JVM compiles (default: ${DEFAULT-VALUE})")
  private int warmUps = 10;

  @Mixin private ComputeOptions compute = new ComputeOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Override
  public Integer call() {
    StepBench.Shape shape = new StepBench.Shape(dModel, features, k, batch, repeats, warmUps);
    compute.start();
    StepBench.Result result = StepBench.run(step, shape);
    output.print(result, () -> text(result));
    return 0;
  }

  private static String text(StepBench.Result result) {
    return """
    %,.0f tokens/s: a step of %d tokens in %.4f s (median of %d, fastest %.4f s)
    at K %d, where training starts: %.4f s; mean over a run's schedule: %.4f s
    d_model %d, %d features, K %d, %s step, screening %s, %d threads, %,d MB at most; %s\
    """
        .formatted(
            result.tokensPerSecond(),
            result.batch(),
            result.medianStepSeconds(),
            result.repeats(),
            result.fastestStepSeconds(),
            result.annealStartK(),
            result.annealStartSeconds(),
            result.scheduleMeanSeconds(),
            result.dModel(),
            result.features(),
            result.k(),
            result.step(),
            result.screening(),
            result.threads(),
            result.peakBytes() / 1_000_000,
            result.machine());
  }
}
