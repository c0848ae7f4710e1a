package dev.loupe.train;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Scale;
import dev.loupe.dictionary.Site;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Torch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Times a step of one dictionary on a grid of ranks, on the synthetic activations of {@link
 * StepBench}, and counts what it sends. Each rank begins with its part of the tokens, as a buffer
 * that is shared gives them; the ranks of a row first exchange theirs.
 */
public final class RankBench {
  private static final Path COUNTERS = Path.of("/proc/net/dev");

  private RankBench() {}

  /**
   * What a step of a rank takes, mean over the ranks.
   *
   * @param formulaBytes sent, by the formula of {@link #formulaBytes}
   * @param countedBytes sent, by the formula of each collective as it was called
   * @param measuredBytes sent, by the counter of the network's interface, with headers and whatever
   *     else went over it; −1 where there is none
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Result(
      String ranks,
      double medianStepSeconds,
      double fastestStepSeconds,
      double formulaBytes,
      double countedBytes,
      double measuredBytes,
      int dModel,
      int features,
      int k,
      int batch,
      int repeats,
      int threads,
      String networkInterface,
      String machine) {}

  /**
   * Bytes that each rank sends in a step of the TopK gate: of n tokens, F features, R rows and C
   * columns, float32,
   *
   * <ul>
   *   <li>in a row: its tokens n/R · D · 4 · (C − 1)/C, the scores of K candidates each n/R · K · 4
   *       · (C − 1), the reconstruction 2 · n/R · D · 4 · (C − 1)/C;
   *   <li>in a column, 2 (R − 1)/R of: the gradients (2 D · F/C + F/C + D) · 4, the counts of what
   *       fired F/C · 4, the sums of the targets D · 8, the number of tokens;
   *   <li>over all: five sums.
   * </ul>
   */
  static double formulaBytes(StepBench.Shape shape, Grid.Shape grid) {
    double r = grid.rows();
    double c = grid.columns();
    double n = shape.batch() / r;
    double d = shape.d();
    double own = shape.features() / c;
    double inRow = (c - 1) * (n * d * 4 / c + n * shape.k() * 4 + 2 * n * d * 4 / c);
    double inColumn = ((2 * d + 1) * own + d) * 4 + own * 4 + d * 8 + 8;
    return inRow + 2 * (r - 1) / r * inColumn + 2 * (r * c - 1) / (r * c) * 5 * 8;
  }

  /**
   * Times steps; every rank calls it and gets the same.
   *
   * @param networkInterface of which the bytes are counted, at rank 0: all ranks are on its machine
   */
  public static Result run(
      Grid grid, StepBench.Shape shape, Device device, String networkInterface) {
    check(grid, shape);
    Recipe recipe = Recipe.load("llama-scope");
    DictionaryName name = DictionaryName.of(0, Site.R, shape.features() / shape.d());
    double norm = Math.sqrt(shape.d());
    try (TensorScope _ = TensorScope.open();
        TrainingStep step =
            new TorchStep(
                recipe,
                new Scale(norm, norm),
                Initial.draw(recipe, name, shape.d(), 0, device),
                grid)) {
      List<Tensor> parts = List.of(part(grid, shape, 1, device), part(grid, shape, 2, device));
      for (int i = 0; i < shape.warmUps(); i++) {
        step(grid, step, parts.get(i & 1), shape, i);
      }
      double[] seconds = new double[shape.repeats()];
      grid.all().barrier();
      long sentBefore = grid.all().traffic().bytes();
      long before = sent(networkInterface);
      for (int i = 0; i < shape.repeats(); i++) {
        long started = System.nanoTime();
        step(grid, step, parts.get(i & 1), shape, shape.warmUps() + i);
        seconds[i] = (System.nanoTime() - started) / 1e9;
      }
      long counted = grid.all().traffic().bytes() - sentBefore;
      grid.all().barrier();
      long measured = sent(networkInterface) - before;
      Arrays.sort(seconds);
      double steps = (double) shape.repeats() * grid.all().size();
      double[] all = grid.all().sum(counted / steps, grid.isFirst() ? measured / steps : 0);
      return new Result(
          grid.shape().toString(),
          (seconds[(seconds.length - 1) / 2] + seconds[seconds.length / 2]) / 2,
          seconds[0],
          formulaBytes(shape, grid.shape()),
          all[0],
          before < 0 ? -1 : all[1],
          shape.d(),
          shape.features(),
          shape.k(),
          shape.batch(),
          shape.repeats(),
          Torch.threads(),
          networkInterface,
          Torch.machine());
    }
  }

  private static void check(Grid grid, StepBench.Shape shape) {
    grid.checkFeatures(shape.features());
    if (shape.batch() % grid.all().size() != 0) {
      throw new IllegalArgumentException(
          "expected a batch that the %d ranks can share, got %d tokens"
              .formatted(grid.all().size(), shape.batch()));
    }
  }

  /** The tokens of a batch that a rank's share of the buffer holds. */
  private static Tensor part(Grid grid, StepBench.Shape shape, long seed, Device device) {
    int count = shape.batch() / grid.all().size();
    return StepBench.activations(shape.d(), shape.batch(), seed)
        .narrow(0, (long) grid.all().rank() * count, count)
        .contiguous()
        .to(device);
  }

  private static void step(
      Grid grid, TrainingStep step, Tensor part, StepBench.Shape shape, int number) {
    try (TensorScope _ = TensorScope.open()) {
      long tokens = part.size(0) * grid.features().size();
      Tensor x = grid.features().gather(part).reshape(tokens, shape.d());
      var _ =
          step.update(
              x,
              x,
              new TrainingStep.Settings(
                  number,
                  8e-4,
                  shape.k(),
                  false,
                  Long.MAX_VALUE,
                  0,
                  false,
                  Double.POSITIVE_INFINITY));
    }
  }

  /** Bytes that went out over an interface since the machine started, or −1. */
  private static long sent(String networkInterface) {
    if (!Files.isReadable(COUNTERS)) {
      return -1;
    }
    try {
      for (String line : Files.readAllLines(COUNTERS)) {
        String[] words = line.strip().split("[:\\s]+", -1);
        if (words.length > 9 && words[0].equals(networkInterface)) {
          return Long.parseLong(words[9]);
        }
      }
      return -1;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + COUNTERS, e);
    }
  }
}
