package dev.loupe.train;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Scale;
import dev.loupe.dictionary.Screening;
import dev.loupe.dictionary.Site;
import dev.loupe.dictionary.Weights;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Products;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.SeededRandom;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;

/**
 * Time of one training step on this machine, on synthetic activations: sums of 20 of 4 D random
 * directions with coefficients of 0.5 to 1.5, scaled to a mean norm of √D.
 */
public final class StepBench {
  private static final int ACTIVE = 20;

  private StepBench() {}

  /**
   * Seconds of each timed step; the first is a warm-up that is left out.
   *
   * @param k features per token
   */
  public static List<Double> seconds(
      StepKind kind, Screening screening, int d, int features, int k, int batch, int steps) {
    Recipe recipe = Recipe.load("llama-scope");
    List<Double> seconds = new ArrayList<>();
    try (TensorScope _ = TensorScope.open()) {
      List<Tensor> batches = List.of(activations(d, batch, 1), activations(d, batch, 2));
      Scale scale = new Scale(Math.sqrt(d), Math.sqrt(d));
      Weights initial =
          Initial.weights(recipe, DictionaryName.of(0, Site.R, features / d), d, 0, Device.CPU);
      try (TrainingStep step = kind.step(recipe, scale, screening, initial)) {
        for (int i = 0; i <= steps; i++) {
          Tensor x = batches.get(i % 2);
          long started = System.nanoTime();
          step.update(x, x, new TrainingStep.Settings(i, 8e-4, k, 0, false));
          if (i > 0) {
            seconds.add((System.nanoTime() - started) / 1e9);
          }
        }
      }
    }
    return seconds;
  }

  private static Tensor activations(int d, int batch, int seed) {
    try (TensorScope scope = TensorScope.open()) {
      SeededRandom random = new SeededRandom(seed, "bench");
      float[] basis = new float[4 * d * d];
      for (int i = 0; i < basis.length; i++) {
        basis[i] = (float) random.normal(i);
      }
      float[] coefficients = new float[batch * 4 * d];
      for (int t = 0; t < batch; t++) {
        for (int j = 0; j < ACTIVE; j++) {
          long at = (long) t * ACTIVE + j;
          coefficients[t * 4 * d + random.below(at, 4 * d)] = 0.5f + (float) random.uniform(at);
        }
      }
      Tensor x =
          Products.multiply(Tensors.of(coefficients, batch, 4 * d), Tensors.of(basis, 4 * d, d));
      double mean = Reductions.total(Reductions.norm(x, 1)) / batch;
      return scope.keep(Arithmetic.multiply(x, Math.sqrt(d) / mean));
    }
  }
}
