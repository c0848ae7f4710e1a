package dev.loupe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Encoder;
import dev.loupe.dictionary.Scale;
import dev.loupe.dictionary.Screening;
import dev.loupe.dictionary.TiledEncoder;
import dev.loupe.dictionary.Weights;
import dev.loupe.files.Json;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * AuxK, centred inputs and the gate across the batch: both steps alike, and as the formulas say.
 */
@ExtendWith(LeakCheck.class)
final class DeadFeatureStepTest {
  private static final int D = 24;
  private static final int N = 32;
  private static final int K = 3;
  private static final double NORM = Math.sqrt(D);

  private static Recipe recipe(String json) throws Exception {
    ObjectNode values = (ObjectNode) Json.mapper().readTree(json);
    values.put("clip_gradient_norm", 1e9).put("beta1", 0.9).put("k", K);
    return Recipe.load("llama-scope").with(values);
  }

  /** Rows with a mean far from zero, so that many features never fire. */
  private static Tensor batch(long seed) {
    return Arithmetic.addInPlace(StepBench.activations(D, N, seed), 0.7);
  }

  private static TrainingStep step(StepKind kind, Recipe recipe, String name, Tensor x, Tensor y) {
    Initial initial = Initial.draw(recipe, DictionaryName.parse(name), x, y, 5);
    return kind.step(recipe, new Scale(NORM, NORM), Screening.FLOAT32, initial);
  }

  private static TrainingStep.Settings settings(long number, boolean acrossBatch) {
    return new TrainingStep.Settings(
        number, 1e-2, K, acrossBatch, N, 0, false, Double.POSITIVE_INFINITY);
  }

  @ParameterizedTest
  @CsvSource({
    "L0R-4x, 0, false, true",
    "L0R-4x, 0, true, false",
    "L0R-4x, 5, false, false",
    "L0R-4x, 500, false, false",
    "L0TC-4x, 5, true, true",
    "L0TC-4x, 500, true, true"
  })
  void bothStepsGiveTheSameNumbers(String name, int auxK, boolean centre, boolean acrossBatch)
      throws Exception {
    Recipe recipe =
        recipe(
            "{\"aux_k\": %d, \"centre_inputs\": %s, \"init_directions\": \"subspace\"}"
                .formatted(auxK, centre));
    try (TensorScope _ = TensorScope.open();
        TrainingStep torch = step(StepKind.TORCH, recipe, name, batch(1), batch(2));
        TrainingStep simd = step(StepKind.SIMD, recipe, name, batch(1), batch(2))) {
      for (int s = 0; s < 12; s++) {
        Tensor x = batch(100 + s);
        Tensor y = name.contains("TC") ? batch(200 + s) : x;
        TrainingStep.Outcome expected = torch.update(x, y, settings(s, acrossBatch));
        TrainingStep.Outcome got = simd.update(x, y, settings(s, acrossBatch));
        assertThat(got.loss()).isCloseTo(expected.loss(), within(1e-6 * expected.loss()));
        assertThat(got.gradientNorm())
            .isCloseTo(expected.gradientNorm(), within(1e-5 * expected.gradientNorm()));
        assertThat(got.l0()).isEqualTo(expected.l0());
      }
      torch.endUpdates();
      simd.endUpdates();
      for (int i = 0; i < 4; i++) {
        assertThat(greatestDifference(torch.weights().all().get(i), simd.weights().all().get(i)))
            .isLessThan(2e-4); // a rate of 1e-2 makes much of last digits where moments are small
      }
    }
  }

  private static double greatestDifference(Tensor a, Tensor b) {
    return Arrays.stream(Arithmetic.subtract(a, b).doubles()).map(Math::abs).max().orElseThrow();
  }

  /** Plain loops in double: what the first update's gradient must be. */
  @ParameterizedTest
  @EnumSource
  void theGradientOfSilentFeaturesIsTheFormulas(StepKind kind) throws Exception {
    int auxK = 5;
    Recipe recipe = recipe("{\"aux_k\": %d, \"aux_coefficient\": 0.25}".formatted(auxK));
    try (TensorScope _ = TensorScope.open();
        TrainingStep step = step(kind, recipe, "L0R-4x", batch(1), batch(1))) {
      int features = 4 * D;
      double[][] x = rows(batch(7));
      double[][] encoder = rows(step.weights().encoder());
      double[][] decoder = rows(step.weights().decoder());
      double[][] error = new double[N][D]; // y − ŷ
      boolean[] fired = new boolean[features];
      for (int t = 0; t < N; t++) {
        error[t] = x[t].clone();
        for (int f : best(x[t], encoder, decoder, new boolean[features], K)) {
          fired[f] = true;
          add(error[t], decoder[f], -dot(x[t], encoder[f]));
        }
      }
      assertThat(IntStream.range(0, features).filter(f -> !fired[f]).count()).isGreaterThan(20);

      double[][] expected = new double[features][D]; // ∂loss/∂W_enc of silent features
      double[] mean = new double[D];
      Arrays.stream(error).forEach(e -> add(mean, e, 1.0 / N));
      for (int t = 0; t < N; t++) {
        double[] left = error[t].clone(); // e − ê
        List<Integer> chosen = best(x[t], encoder, decoder, fired, auxK);
        for (int f : chosen) {
          add(left, decoder[f], -dot(x[t], encoder[f]));
        }
        double[] centred = error[t].clone();
        add(centred, mean, -1);
        double scale = Math.sqrt(dot(centred, centred));
        for (int f : chosen) {
          double byActivation = -0.25 * 2 * dot(left, decoder[f]) / (scale * N * D);
          add(expected[f], x[t], byActivation);
        }
      }
      step.update(batch(7), batch(7), settings(0, false));
      double[][] moment = rows(step.state().get("first_moment.encoder.weight"));
      for (int f = 0; f < features; f++) {
        if (!fired[f]) {
          for (int i = 0; i < D; i++) {
            assertThat(moment[f][i] / 0.1).isCloseTo(expected[f][i], within(1e-7));
          }
        }
      }
      assertThat(Arrays.stream(expected).mapToDouble(row -> dot(row, row)).sum()).isGreaterThan(0);
    }
  }

  /** Features of largest score above zero that are not left out. */
  private static List<Integer> best(
      double[] x, double[][] encoder, double[][] decoder, boolean[] leftOut, int k) {
    return IntStream.range(0, encoder.length)
        .filter(f -> !leftOut[f] && dot(x, encoder[f]) > 0)
        .boxed()
        .sorted(
            Comparator.comparingDouble(
                f -> -dot(x, encoder[f]) * Math.sqrt(dot(decoder[f], decoder[f]))))
        .limit(k)
        .toList();
  }

  private static double[][] rows(Tensor tensor) {
    double[] all = tensor.doubles();
    int width = (int) tensor.size(1);
    return IntStream.range(0, all.length / width)
        .mapToObj(row -> Arrays.copyOfRange(all, row * width, (row + 1) * width))
        .toArray(double[][]::new);
  }

  private static double dot(double[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
  }

  private static void add(double[] to, double[] row, double factor) {
    for (int i = 0; i < to.length; i++) {
      to[i] += factor * row[i];
    }
  }

  @ParameterizedTest
  @EnumSource
  void centringIsFoldedIntoTheBiases(StepKind kind) throws Exception {
    Recipe recipe = recipe("{\"centre_inputs\": true}");
    try (TensorScope _ = TensorScope.open();
        TrainingStep step = step(kind, recipe, "L0TC-4x", batch(1), batch(2))) {
      double[] mean = new double[D];
      Arrays.stream(rows(batch(1))).forEach(row -> add(mean, row, 1.0 / N));
      assertThat(step.state().get("centre").doubles()).containsExactly(mean, within(1e-6));
      step.update(batch(3), batch(4), settings(0, false));
      double[][] encoder = rows(step.weights().encoder());
      double[] before = step.weights().encoderBias().doubles();
      step.endUpdates();
      double[] after = step.weights().encoderBias().doubles();
      for (int f = 0; f < before.length; f++) {
        assertThat(after[f]).isCloseTo(before[f] - dot(encoder[f], mean), within(1e-5));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void acrossTheBatchSoManyFireOnAverage(StepKind kind) throws Exception {
    Recipe recipe = recipe("{}");
    try (TensorScope _ = TensorScope.open();
        TrainingStep each = step(kind, recipe, "L0R-4x", batch(1), batch(1));
        TrainingStep all = step(kind, recipe, "L0R-4x", batch(1), batch(1))) {
      double loss = each.update(batch(1), batch(1), settings(0, false)).loss();
      TrainingStep.Outcome outcome = all.update(batch(1), batch(1), settings(0, true));
      assertThat(outcome.l0()).isEqualTo(K);
      assertThat(outcome.loss()).isNotEqualTo(loss);
    }
  }

  @ParameterizedTest
  @EnumSource
  void theGuessAtTheLeastScoreChangesNothing(Screening screening) {
    try (TensorScope _ = TensorScope.open();
        Weights weights =
            Initial.draw(
                    Recipe.load("llama-scope"), DictionaryName.parse("L0R-4x"), D, 5, Device.CPU)
                .weights();
        Encoder encoder = new Encoder(weights, screening)) {
      Encoder.Gated expected = encoder.largest(batch(1), K, 0);
      assertThat(expected.code().active()).isEqualTo(K * N);
      double exact =
          TiledEncoder.leastOf(
              batch(1), weights, Reductions.norm(weights.decoder(), 1).reshape(-1), K * N);
      assertThat((double) expected.least()).isCloseTo(exact, within(1e-5));
      for (float floor : new float[] {1e-6f, expected.least() / 2, expected.least(), 1e6f}) {
        Encoder.Gated got = encoder.largest(batch(1), K, floor);
        assertThat(got.least()).isEqualTo(expected.least());
        assertThat(got.code().starts()).isEqualTo(expected.code().starts());
        assertThat(Arrays.copyOf(got.code().features(), K * N))
            .isEqualTo(Arrays.copyOf(expected.code().features(), K * N));
      }
    }
  }

  @Test
  void nothingIsAddedWhereNoFeatureIsSilent() throws Exception {
    Recipe recipe = recipe("{\"aux_k\": 5}");
    try (TensorScope _ = TensorScope.open();
        TrainingStep with = step(StepKind.SIMD, recipe, "L0R-4x", batch(1), batch(1));
        TrainingStep without = step(StepKind.SIMD, recipe("{}"), "L0R-4x", batch(1), batch(1))) {
      TrainingStep.Settings early =
          new TrainingStep.Settings(0, 1e-2, K, false, N + 1, 0, false, Double.POSITIVE_INFINITY);
      assertThat(with.update(batch(1), batch(1), early))
          .isEqualTo(without.update(batch(1), batch(1), early));
    }
  }
}
