package dev.loupe.train;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Scale;
import dev.loupe.dictionary.Screening;
import dev.loupe.dictionary.Site;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Products;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.SeededRandom;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import dev.loupe.tensor.Torch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Times one training step of one dictionary on synthetic activations: sums of 20 of 4 D random
 * directions with coefficients of 0.5 to 1.5, scaled to a mean norm of √D. The first steps, in
 * which the JVM compiles, are left out.
 */
public final class StepBench {
  private static final int ACTIVE = 20;

  private StepBench() {}

  /**
   * What to time.
   *
   * @param d dimensions of the activations
   * @param features of the dictionary, a multiple of d
   * @param k features per token once K has annealed
   * @param batch tokens of a step
   * @param repeats steps that are timed, for each K
   * @param warmUps steps before them
   */
  public record Shape(int d, int features, int k, int batch, int repeats, int warmUps) {
    public Shape {
      if (d < 1 || features < d || features % d != 0) {
        throw new IllegalArgumentException(
            "expected features that are a multiple of d_model, got %d and %d"
                .formatted(features, d));
      }
      if (k < 1 || k > features || batch < 1 || repeats < 1 || warmUps < 0) {
        throw new IllegalArgumentException(
            "expected K of 1 to %d, at least 1 token and 1 repeat, got K %d, %d tokens, %d repeats"
                .formatted(features, k, batch, repeats));
      }
    }
  }

  /**
   * How fast it was.
   *
   * @param tokensPerSecond of the median step at the final K
   * @param medianStepSeconds at the final K
   * @param fastestStepSeconds at the final K: how far the median is from it shows how busy the
   *     machine was
   * @param peakBytes most memory that the process held up to the end of these, JVM included
   * @param annealStartK K at the start of training, D / 2
   * @param annealStartSeconds median step at that K
   * @param scheduleMeanSeconds a step's mean over a run in which K falls from there to its final
   *     value over the recipe's first tenth
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Result(
      double tokensPerSecond,
      double medianStepSeconds,
      double fastestStepSeconds,
      long peakBytes,
      int annealStartK,
      double annealStartSeconds,
      double scheduleMeanSeconds,
      int dModel,
      int features,
      int k,
      int batch,
      String step,
      String screening,
      int repeats,
      int threads,
      String machine) {}

  /** Times the final K, then the K that training starts with. */
  public static Result run(StepKind kind, Shape shape) {
    Recipe recipe = Recipe.load("llama-scope");
    int startK = Math.max(shape.k(), (int) Math.round(recipe.kAnnealStartShare() * shape.d()));
    try (TensorScope _ = TensorScope.open();
        TrainingStep step = step(kind, recipe, shape)) {
      List<Tensor> batches =
          List.of(
              activations(shape.d(), shape.batch(), 1), activations(shape.d(), shape.batch(), 2));
      double[] seconds = seconds(step, batches, shape, shape.k());
      long peak = Torch.peakMemoryBytes();
      double median = median(seconds);
      double start = startK == shape.k() ? median : median(seconds(step, batches, shape, startK));
      return new Result(
          shape.batch() / median,
          median,
          seconds[0],
          peak,
          startK,
          start,
          median + recipe.kAnnealShare() * (start - median) / 2,
          shape.d(),
          shape.features(),
          shape.k(),
          shape.batch(),
          kind.toString().toLowerCase(Locale.ROOT),
          Screening.current().label(),
          shape.repeats(),
          Torch.threads(),
          Torch.machine());
    }
  }

  private static TrainingStep step(StepKind kind, Recipe recipe, Shape shape) {
    DictionaryName name = DictionaryName.of(0, Site.R, shape.features() / shape.d());
    Initial initial = Initial.draw(recipe, name, shape.d(), 0, Device.CPU);
    double norm = Math.sqrt(shape.d());
    return kind.step(recipe, new Scale(norm, norm), Screening.current(), initial);
  }

  /** Sorted. */
  private static double[] seconds(TrainingStep step, List<Tensor> batches, Shape shape, int k) {
    double[] seconds = new double[shape.repeats()];
    for (int i = -shape.warmUps(); i < shape.repeats(); i++) {
      Tensor x = batches.get(i & 1);
      long started = System.nanoTime();
      step.update(
          x,
          x,
          new TrainingStep.Settings(
              i + shape.warmUps(),
              8e-4,
              k,
              false,
              Long.MAX_VALUE,
              0,
              false,
              Double.POSITIVE_INFINITY));
      if (i >= 0) {
        seconds[i] = (System.nanoTime() - started) / 1e9;
      }
    }
    Arrays.sort(seconds);
    return seconds;
  }

  private static double median(double[] sorted) {
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
  }

  /** F32 [batch, d], the caller's. */
  static Tensor activations(int d, int batch, long seed) {
    try (TensorScope scope = TensorScope.open()) {
      SeededRandom random = new SeededRandom(seed, "bench activations");
      int directions = 4 * d;
      Tensor coefficients = Tensors.zeros(DType.F32, Device.CPU, batch, directions);
      MemorySegment segment = coefficients.segment();
      for (long t = 0; t < batch; t++) {
        for (int j = 0; j < ACTIVE; j++) {
          long place = t * ACTIVE + j;
          float value = 0.5f + (float) random.uniform(place);
          long at = t * directions + random.below(place, directions);
          segment.setAtIndex(ValueLayout.JAVA_FLOAT, at, value);
        }
      }
      Tensor basis = new SeededRandom(seed, "bench basis").directions(directions, d, 1);
      Tensor x = Products.multiply(coefficients, basis);
      double mean = Reductions.total(Reductions.norm(x, 1)) / batch;
      return scope.keep(Arithmetic.multiply(x, Math.sqrt(d) / mean));
    }
  }
}
