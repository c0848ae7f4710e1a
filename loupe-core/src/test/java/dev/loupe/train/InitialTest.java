package dev.loupe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Weights;
import dev.loupe.files.Json;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.Products;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.SeededRandom;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** First weights that follow the first activations. */
@ExtendWith(LeakCheck.class)
final class InitialTest {
  private static final int D = 20;
  private static final DictionaryName NAME = DictionaryName.parse("L0R-4x");

  private static Recipe recipe(String key, Object value) {
    ObjectNode values = Json.mapper().createObjectNode();
    values.set(key, Json.mapper().valueToTree(value));
    return Recipe.load("llama-scope").with(values);
  }

  /** Rows that vary along the first three axes only, a tenth as much along the third. */
  private static Tensor rows() {
    Tensor coefficients = new SeededRandom(3, "rows").directions(500, 3, 1);
    float[] axes = new float[3 * D];
    axes[0] = 1;
    axes[D + 1] = 1;
    axes[2 * D + 2] = 0.1f;
    return Arithmetic.add(Products.multiply(coefficients, Tensors.of(axes, 3, D)), 2.0);
  }

  private static double share(Tensor directions, int from, int count) {
    return Reductions.totalOfSquares(directions.narrow(1, from, count).contiguous())
        / Reductions.totalOfSquares(directions);
  }

  @ParameterizedTest
  @ValueSource(strings = {"subspace"})
  void directionsLieWhereActivationsVary(String directions) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = rows();
      Initial initial = Initial.draw(recipe("init_directions", directions), NAME, x, x, 1);
      try (Weights weights = initial.weights()) {
        assertThat(share(weights.decoder(), 3, D - 3)).isLessThan(1e-6);
        assertThat(share(weights.decoder(), 2, 1)).isLessThan(0.02);
        assertThat(weights.encoder().floats()).isEqualTo(weights.decoder().floats());
        for (double norm : Reductions.norm(weights.decoder(), 1).doubles()) {
          assertThat(norm).isCloseTo(0.5, within(1e-5));
        }
      }
      assertThat(initial.centre()).isEmpty();
    }
  }

  @Test
  void centredDictionariesBeginAtTheMean() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = rows();
      Tensor y = Arithmetic.multiply(x, -2.0);
      Initial initial =
          Initial.draw(recipe("centre_inputs", true), DictionaryName.parse("L0TC-4x"), x, y, 1);
      try (Weights weights = initial.weights();
          Tensor centre = initial.centre().orElseThrow()) {
        double[] means = Reductions.mean(x, 0).doubles();
        for (int i = 0; i < D; i++) {
          assertThat(centre.doubles()[i]).isCloseTo(means[i], within(1e-5));
          assertThat(weights.decoderBias().doubles()[i]).isCloseTo(-2 * means[i], within(1e-5));
        }
        assertThat(centre.dtype()).isEqualTo(DType.F32);
      }
    }
  }

  @Test
  void activationsChangeNothingUnlessTheRecipeAsks() {
    try (TensorScope _ = TensorScope.open()) {
      Recipe plain = Recipe.load("llama-scope");
      try (Weights with = Initial.draw(plain, NAME, rows(), rows(), 1).weights();
          Weights without = Initial.draw(plain, NAME, D, 1, Device.CPU).weights()) {
        for (int i = 0; i < 4; i++) {
          assertThat(with.all().get(i).floats()).isEqualTo(without.all().get(i).floats());
        }
      }
    }
  }
}
