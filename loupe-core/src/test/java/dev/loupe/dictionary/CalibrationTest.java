package dev.loupe.dictionary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.SeededRandom;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.Tensors;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Against a sort of all scores. Inputs and weights are small multiples of 1/8 and decoder columns
 * are unit vectors, so that every score is exact in whatever order it is summed.
 */
@ExtendWith(LeakCheck.class)
final class CalibrationTest {
  private static final int D = 8;
  private static final int FEATURES = 1031;
  private static final int TOKENS = 700;

  @ParameterizedTest
  @CsvSource({"1, 700", "5, 700", "5, 64", "5, 1", "50, 333", "1031, 100"})
  void isTheScoreOfThatRank(int k, int batch) {
    float[] rows = eighths("rows", TOKENS * D);
    double[] scores = scores(rows);
    double expected = Math.max(0, scores[scores.length - TOKENS * k]);
    try (Dictionary dictionary = dictionary();
        Tensor x = Tensors.of(rows, TOKENS, D);
        Calibration calibration = new Calibration(dictionary, k, TOKENS)) {
      for (int start = 0; start < TOKENS; start += batch) {
        try (Tensor part = x.narrow(0, start, Math.min(batch, TOKENS - start))) {
          calibration.add(part);
        }
      }
      assertThat(calibration.threshold()).isEqualTo(expected);
    }
  }

  @Test
  void ofFewerTokensThanExpectedIsTheirs() {
    float[] rows = Arrays.copyOf(eighths("rows", TOKENS * D), 100 * D);
    double[] scores = scores(rows);
    try (Dictionary dictionary = dictionary();
        Tensor x = Tensors.of(rows, 100, D);
        Calibration calibration = new Calibration(dictionary, 3, TOKENS)) {
      assertThatThrownBy(calibration::threshold).hasMessageContaining("no tokens");
      calibration.add(x);
      assertThat(calibration.threshold()).isEqualTo(scores[scores.length - 300]);
    }
  }

  @Test
  void refusesMoreTokensThanExpected() {
    try (Dictionary dictionary = dictionary();
        Tensor x = Tensors.of(eighths("rows", 10 * D), 10, D);
        Calibration calibration = new Calibration(dictionary, 3, 9)) {
      assertThatThrownBy(() -> calibration.add(x))
          .hasMessageContaining("at most 9")
          .hasMessageContaining("10");
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, FEATURES + 1})
  void refusesAnImpossibleK(long k) {
    try (Dictionary dictionary = dictionary()) {
      assertThatThrownBy(() -> new Calibration(dictionary, k, 10)).hasMessageContaining("" + k);
    }
  }

  private static float[] eighths(String purpose, int n) {
    SeededRandom random = new SeededRandom(3, purpose);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (random.below(i, 65) - 32) / 8f;
    }
    return values;
  }

  private static Dictionary dictionary() {
    float[] decoder = new float[FEATURES * D];
    for (int f = 0; f < FEATURES; f++) {
      decoder[f * D + f % D] = 1;
    }
    return new Dictionary(
        new Weights(
            Tensors.of(eighths("encoder", FEATURES * D), FEATURES, D),
            Tensors.of(eighths("bias", FEATURES), FEATURES),
            Tensors.of(decoder, FEATURES, D),
            Tensors.of(new float[D], D)),
        TestDictionaries.contract(Site.R, 128, Scale.standard(D, D), new Gate.Relu()));
  }

  private static double[] scores(float[] rows) {
    float[] encoder = eighths("encoder", FEATURES * D);
    float[] bias = eighths("bias", FEATURES);
    int tokens = rows.length / D;
    double[] scores = new double[tokens * FEATURES];
    for (int t = 0; t < tokens; t++) {
      for (int f = 0; f < FEATURES; f++) {
        double sum = bias[f];
        for (int d = 0; d < D; d++) {
          sum += (double) encoder[f * D + d] * rows[t * D + d];
        }
        scores[t * FEATURES + f] = sum;
      }
    }
    Arrays.sort(scores);
    return scores;
  }
}
