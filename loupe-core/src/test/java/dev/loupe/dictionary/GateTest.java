package dev.loupe.dictionary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The three gates against scalar float64 arithmetic, at sizes around every tile and lane. */
@ExtendWith(LeakCheck.class)
final class GateTest {
  /** Scores that are so close to the gate may fall on either side in float32. */
  private static final double ROUNDING = 1e-5;

  private static final int IN = 3;
  private static final int OUT = 5;

  // 9000 tokens make tiles of 512 features
  @ParameterizedTest
  @CsvSource({
    "0, 1",
    "1, 1",
    "33, 1",
    "0, 97",
    "1, 97",
    "33, 97",
    "1, 521",
    "33, 4098",
    "9000, 511",
    "9000, 512",
    "9000, 513",
    "9000, 1025"
  })
  void isTheScalarTruth(int tokens, int features) {
    for (int k : new int[] {1, Math.min(7, features), features}) {
      check(tokens, features, new Gate.TopK(k), -0.2);
    }
    check(tokens, features, new Gate.JumpRelu(0), -0.2);
    check(tokens, features, new Gate.JumpRelu(0.31), -0.2);
    check(tokens, features, new Gate.Relu(), -0.2);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 33, 9000})
  void fewerThanKFireWhereFewerArePositive(int tokens) {
    check(tokens, 1025, new Gate.TopK(20), -1.5);
    check(tokens, 97, new Gate.TopK(97), -1e9);
  }

  @ParameterizedTest
  @ValueSource(ints = {98, Integer.MAX_VALUE})
  void refusesMoreThanAllFeatures(int k) {
    Contract contract =
        TestDictionaries.contract(Site.R, 8, TestDictionaries.SCALE, new Gate.TopK(k));
    try (Weights weights = TestDictionaries.weights(1, 97, IN, OUT, 0)) {
      assertThatThrownBy(() -> new Dictionary(weights, contract))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("97")
          .hasMessageContaining(Integer.toString(k));
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1, Double.NaN, Double.POSITIVE_INFINITY})
  void refusesThresholdsThatAreNone(double threshold) {
    assertThatThrownBy(() -> new Gate.JumpRelu(threshold))
        .hasMessageContaining(Double.toString(threshold));
    assertThatThrownBy(() -> new Gate.TopK(0)).hasMessageContaining("0");
  }

  @Test
  void refusesInputsOfAnotherWidth() {
    try (Dictionary dictionary = dictionary(97, new Gate.Relu(), 0);
        Tensor rows = TestDictionaries.rows(2, 4)) {
      assertThatThrownBy(() -> dictionary.encode(rows)).hasMessageContaining("3 dimensions");
    }
  }

  @Test
  void codesMoveAndSpreadWithoutLeak() {
    try (Dictionary dictionary = dictionary(97, new Gate.TopK(5), 0);
        Tensor rows = TestDictionaries.rows(4, IN);
        Codes codes = dictionary.encode(rows);
        Codes moved = codes.to(rows.device());
        Tensor dense = codes.dense()) {
      assertThat(moved.values().floats()).isEqualTo(codes.values().floats());
      float[] values = dense.floats();
      int[] offsets = codes.offsets().ints();
      int[] indices = codes.indices().ints();
      assertThat(dense.shape()).containsExactly(4, 97);
      assertThat(values[3 * 97 + indices[offsets[3]]])
          .isEqualTo(codes.values().floats()[offsets[3]]);
    }
    try (Dictionary dictionary = dictionary(97, new Gate.TopK(5), 0);
        Codes outlives = movedInScope(dictionary)) {
      assertThat(outlives.values().floats()).hasSize((int) outlives.active());
    }
  }

  private static Codes movedInScope(Dictionary dictionary) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor rows = TestDictionaries.rows(4, IN);
      try (Codes codes = dictionary.encode(rows)) {
        return codes.to(rows.device());
      }
    }
  }

  private static Dictionary dictionary(int features, Gate gate, double bias) {
    return new Dictionary(
        TestDictionaries.weights(features, features, IN, OUT, bias),
        TestDictionaries.contract(Site.R, 8, TestDictionaries.SCALE, gate));
  }

  private static void check(int tokens, int features, Gate gate, double bias) {
    try (Dictionary dictionary = dictionary(features, gate, bias);
        Tensor rows =
            tokens == 0 ? Tensors.of(new float[0], 0, IN) : TestDictionaries.rows(tokens, IN);
        Codes codes = dictionary.encode(rows);
        Tensor decoded = dictionary.decode(codes)) {
      assertThat(codes.tokens()).isEqualTo(tokens);
      assertThat(decoded.shape()).containsExactly(tokens, OUT);
      Truth truth = Truth.of(dictionary, rows);
      int[] offsets = codes.offsets().ints();
      int[] indices = codes.indices().ints();
      float[] values = codes.values().floats();
      float[] outputs = decoded.floats();
      for (int t = 0; t < tokens; t++) {
        double[] activations = truth.activations(t);
        int[] fired = Arrays.copyOfRange(indices, offsets[t], offsets[t + 1]);
        truth.checkFeatures(gate, activations, fired);
        double[] output = truth.decoderBias.clone();
        for (int i = 0; i < fired.length; i++) {
          double value = values[offsets[t] + i];
          if (!(value > 0 && Math.abs(value - activations[fired[i]]) <= ROUNDING)) {
            fail("expected %s, got %s in token %d", activations[fired[i]], value, t);
          }
          truth.addColumn(output, fired[i], value);
        }
        for (int d = 0; d < OUT; d++) {
          double expected = output[d] / truth.factorOut;
          double error = Math.abs(outputs[t * OUT + d] - expected);
          if (!(error <= 1e-5 * (1 + Math.sqrt(fired.length)))) {
            fail("expected %s, got %s in token %d", expected, outputs[t * OUT + d], t);
          }
        }
      }
    }
  }

  /** The dictionary in plain arrays. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Truth(
      double[] rows,
      double[] encoder,
      double[] biases,
      double[] decoder,
      double[] norms,
      double[] decoderBias,
      double factorIn,
      double factorOut) {
    static Truth of(Dictionary dictionary, Tensor rows) {
      Weights weights = dictionary.weights();
      return new Truth(
          rows.doubles(),
          weights.encoder().doubles(),
          weights.encoderBias().doubles(),
          weights.decoder().doubles(),
          norms(weights.decoder().doubles()),
          weights.decoderBias().doubles(),
          Math.sqrt(IN) / TestDictionaries.SCALE.normIn(),
          Math.sqrt(OUT) / TestDictionaries.SCALE.normOut());
    }

    double[] activations(int token) {
      double[] found = biases.clone();
      for (int f = 0; f < found.length; f++) {
        for (int d = 0; d < IN; d++) {
          found[f] += encoder[f * IN + d] * rows[token * IN + d] * factorIn;
        }
        found[f] = Math.max(found[f], 0);
      }
      return found;
    }

    private static double[] norms(double[] decoder) {
      double[] norms = new double[decoder.length / OUT];
      for (int i = 0; i < decoder.length; i++) {
        norms[i / OUT] += decoder[i] * decoder[i];
      }
      return Arrays.stream(norms).map(Math::sqrt).toArray();
    }

    void addColumn(double[] output, int feature, double value) {
      for (int d = 0; d < OUT; d++) {
        output[d] += decoder[feature * OUT + d] * value;
      }
    }

    void checkFeatures(Gate gate, double[] activations, int[] fired) {
      double[] scores = new double[activations.length];
      for (int f = 0; f < scores.length; f++) {
        scores[f] = activations[f] * norms[f];
      }
      double[] sorted = scores.clone();
      Arrays.sort(sorted);
      double bound =
          switch (gate) {
            case Gate.TopK(int k) -> sorted[sorted.length - k];
            case Gate.JumpRelu(double threshold) -> threshold * factorOut;
            case Gate.Relu() -> 0;
          };
      boolean[] fires = new boolean[scores.length];
      for (int i = 0; i < fired.length; i++) {
        if (i > 0 && fired[i - 1] >= fired[i]) {
          fail("expected ascending features, got %s", Arrays.toString(fired));
        }
        fires[fired[i]] = true;
      }
      for (int f = 0; f < scores.length; f++) {
        if (Math.abs(scores[f] - bound) > ROUNDING && fires[f] != scores[f] > bound) {
          fail("expected feature %d of score %s to be judged by %s", f, scores[f], bound);
        }
      }
      if (gate instanceof Gate.TopK(int k)) {
        if (fired.length > k) {
          fail("expected at most %d features, got %d", k, fired.length);
        }
      }
    }
  }
}
