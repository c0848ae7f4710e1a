package dev.loupe.cli;

import dev.loupe.tensor.Rendezvous;
import dev.loupe.train.Grid;
import dev.loupe.train.RankBench;
import dev.loupe.train.StepBench;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code loupe bench ranks}. */
@Command(
    name = "ranks",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Times one training step of one dictionary on several processes, and counts what it sends.",
    footer = {
      "",
      "Example: ./loupe bench ranks --ranks features --d-model 1024 --features 8192",
      "as each of several processes, such as torchrun --no-python --nproc-per-node 2 starts them;"
          + " without --ranks, of this process alone."
    })
final class BenchRanksCommand implements Callable<Integer> {
  @Option(
      names = "--d-model",
      paramLabel = "D",
      defaultValue = "1024",
      description = "dimensions of the activations (default: ${DEFAULT-VALUE})")
  private int dModel = 1024;

  @Option(
      names = "--features",
      paramLabel = "F",
      defaultValue = "8192",
      description = "features of the dictionary, a multiple of D (default: ${DEFAULT-VALUE})")
  private int features = 8_192;

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
      description = "tokens of a step, of all ranks together (default: ${DEFAULT-VALUE})")
  private int batch = 2048;

  @Option(
      names = "--repeats",
      paramLabel = "N",
      defaultValue = "10",
      description = "steps to time (default: ${DEFAULT-VALUE})")
  private int repeats = 10;

  @Option(
      names = "--warm-ups",
      paramLabel = "N",
      defaultValue = "3",
      description = "steps before them (default: ${DEFAULT-VALUE})")
  private int warmUps = 3;

  @Option(
      names = "--interface",
      paramLabel = "NAME",
      defaultValue = "lo",
      description =
          "network interface of which the bytes are counted, for ranks on one machine (default:"
              + " ${DEFAULT-VALUE})")
  private String networkInterface = "lo";

  @Mixin private RankOptions ranks = new RankOptions();
  @Mixin private ComputeOptions compute = new ComputeOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Override
  public Integer call() {
    StepBench.Shape shape = new StepBench.Shape(dModel, features, k, batch, repeats, warmUps);
    if (!ranks.areWanted()) {
      compute.start();
      return run(Grid.alone(), shape);
    }
    Rendezvous rendezvous = ranks.rendezvous();
    compute.useDevice(rendezvous.localRank());
    compute.start();
    return ranks.with(rendezvous, compute.device(), grid -> run(grid, shape));
  }

  private int run(Grid grid, StepBench.Shape shape) {
    RankBench.Result result = RankBench.run(grid, shape, compute.device(), networkInterface);
    if (grid.isFirst()) {
      output.print(result, () -> text(result));
    }
    return 0;
  }

  private static String text(RankBench.Result result) {
    return """
    a step of %d tokens in %.4f s (median of %d, fastest %.4f s) on %s ranks of %d threads
    each rank sends %,.0f bytes a step; by the formula %,.0f, by %s %,.0f
    d_model %d, %d features, K %d; %s\
    """
        .formatted(
            result.batch(),
            result.medianStepSeconds(),
            result.repeats(),
            result.fastestStepSeconds(),
            result.ranks(),
            result.threads(),
            result.countedBytes(),
            result.formulaBytes(),
            result.networkInterface(),
            result.measuredBytes(),
            result.dModel(),
            result.features(),
            result.k(),
            result.machine());
  }
}
