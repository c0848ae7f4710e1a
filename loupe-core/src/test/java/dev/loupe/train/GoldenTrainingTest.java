package dev.loupe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.dictionary.Scale;
import dev.loupe.dictionary.Screening;
import dev.loupe.dictionary.Weights;
import dev.loupe.files.Json;
import dev.loupe.safetensors.SafetensorsFile;
import dev.loupe.safetensors.TensorSource;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Twelve steps against float64 autograd (golden/make_sae.py): the contract of every step. */
@ExtendWith(LeakCheck.class)
final class GoldenTrainingTest {
  static final Path GOLDEN = Path.of("src/test/resources/golden/sae");

  @ParameterizedTest
  @CsvSource({
    "TORCH, training, 1e-6",
    "TORCH, training-tc, 1e-6",
    "TORCH, training-relu, 3e-6",
    "SIMD, training, 1e-6",
    "SIMD, training-tc, 1e-6",
    "SIMD, training-relu, 3e-6"
  })
  void twelveStepsAreTheReference(StepKind kind, String name, double tolerance) {
    Path folder = GOLDEN.resolve(name);
    ObjectNode config = Json.readObject(folder.resolve("config.json"));
    Schedule schedule = schedule(config);
    try (TensorScope _ = TensorScope.open();
        TensorSource source = SafetensorsFile.open(folder.resolve("reference.safetensors"));
        TrainingStep step =
            kind.step(
                recipe(config),
                scale(config),
                Screening.BFLOAT16,
                Initial.of(weights(source, "initial")))) {
      double[] losses = source.read("losses").doubles();
      double[] rates = source.read("learning_rates").doubles();
      double[] norms = source.read("gradient_norms").doubles();
      long[] ks = source.read("ks").longs();
      Tensor xs = source.read("x");
      for (int s = 0; s < losses.length; s++) {
        assertThat(schedule.learningRate(s)).isCloseTo(rates[s], within(1e-15));
        if (ks[s] > 0) {
          assertThat(schedule.k(s)).isEqualTo((int) ks[s]);
        }
        Tensor x = xs.select(0, s);
        Tensor y = source.has("y") ? source.read("y").select(0, s) : x;
        TrainingStep.Outcome outcome = step.update(x, y, settings(schedule, s));
        assertThat(outcome.loss()).as("loss %d", s).isCloseTo(losses[s], within(1e-7));
        assertThat(outcome.gradientNorm()).isCloseTo(norms[s], within(1e-5 * norms[s]));
        if (s == 0 || s == losses.length - 1) {
          compare(source, "after_" + (s + 1), step.weights(), tolerance);
        }
      }
    }
  }

  static TrainingStep.Settings settings(Schedule schedule, int step) {
    return new TrainingStep.Settings(
        step,
        schedule.learningRate(step),
        schedule.k(step),
        false,
        Long.MAX_VALUE,
        schedule.l1(step),
        true,
        Double.POSITIVE_INFINITY);
  }

  static void compare(TensorSource source, String prefix, Weights got, double tolerance) {
    try (Weights expected = weights(source, prefix)) {
      for (int i = 0; i < 4; i++) {
        try (TensorScope _ = TensorScope.open()) {
          double[] difference =
              Arithmetic.subtract(got.all().get(i), expected.all().get(i)).doubles();
          assertThat(Arrays.stream(difference).map(Math::abs).max().orElseThrow())
              .as("%s, tensor %d", prefix, i)
              .isLessThan(tolerance);
        }
      }
    }
  }

  static Weights weights(TensorSource source, String prefix) {
    return new Weights(
        own(source.read(prefix + ".encoder.weight")),
        own(source.read(prefix + ".encoder.bias")),
        own(source.read(prefix + ".decoder.weight").transpose(0, 1).contiguous()),
        own(source.read(prefix + ".decoder.bias")));
  }

  private static Tensor own(Tensor tensor) {
    return TensorScope.release(tensor.to(DType.F32).copy());
  }

  static Scale scale(ObjectNode config) {
    return new Scale(
        config.get("average_norm_in").doubleValue(), config.get("average_norm_out").doubleValue());
  }

  static Schedule schedule(ObjectNode config) {
    return new Schedule(
        config.get("steps").intValue(),
        config.get("peak_learning_rate").doubleValue(),
        config.get("warm_up_steps").intValue(),
        config.get("decay_steps").intValue(),
        config.get("final_learning_rate_ratio").doubleValue(),
        config.get("k").asInt(1),
        config.get("k_anneal_start").asInt(1),
        config.get("k_anneal_steps").asInt(0),
        0,
        Long.MAX_VALUE,
        config.get("l1_coefficient").asDouble(0),
        config.get("l1_warm_up_steps").asInt(0));
  }

  /** The released recipe with the reference's optimizer. */
  static Recipe recipe(ObjectNode config) {
    ObjectNode json = Json.mapper().valueToTree(Recipe.load("llama-scope"));
    json.put("gate", config.get("kind").asText().equals("relu") ? "relu" : "topk");
    json.set("beta1", config.get("beta1"));
    json.set("beta2", config.get("beta2"));
    json.set("epsilon", config.get("epsilon"));
    json.set("clip_gradient_norm", config.get("clip_gradient_norm"));
    return Json.mapper().convertValue(json, Recipe.class);
  }
}
