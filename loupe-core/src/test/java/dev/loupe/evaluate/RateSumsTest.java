package dev.loupe.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.Gate;
import dev.loupe.dictionary.Site;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.SeededRandom;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Rows for which every metric can be told by hand. */
@ExtendWith(LeakCheck.class)
final class RateSumsTest {
  /** Features e0, e1, −e0; those above 0.5 fire. */
  private static Dictionary threeFeatures() {
    float[] rows = {1, 0, 0, 1, -1, 0};
    return HandMade.dictionary(
        0,
        Site.R,
        2,
        HandMade.owned(Tensors.of(rows, 3, 2)),
        HandMade.owned(Tensors.of(rows, 3, 2)),
        new Gate.JumpRelu(0.5));
  }

  @Test
  void metricsOfFourTokens() {
    // x̂ = x, but for what is not above 0.5: (0, 2) for the second, (0, 0) for the fourth
    float[] rows = {3, 4, 0.5f, 2, -1, 0, 0, -2};
    int[] documents = {0, 0, 1, 1};
    Map<String, Metric> found = new LinkedHashMap<>();
    try (TensorScope _ = TensorScope.open();
        Dictionary dictionary = threeFeatures();
        Resamples resamples = Resamples.draw(2, 20, 1, "test");
        TargetSums targets = new TargetSums(resamples, 2);
        RateSums sums = new RateSums(dictionary, 2)) {
      Tensor x = Tensors.of(rows, 4, 2);
      sums.add(x, x, targets.add(x, documents), documents);
      sums.describe(found, resamples, targets.centredSquares());
    }
    // mean (0.625, 1); Σ‖x − x̄‖² = 25 + 4.25 + 1 + 4 − 4 (0.625² + 1) = 28.6875
    close(found, "l0", (2 + 1 + 1 + 0) / 4.0);
    close(found, "explained_variance", (1 + (1 - 0.25 / 4.25) + 1 + 0) / 4);
    close(found, "explained_variance_centred", 1 - 4.25 / 28.6875);
    double second = 0.125 * 0.125 + 1;
    double fourth = 0.625 * 0.625 + 9;
    close(found, "explained_variance_legacy", (1 + (1 - 0.25 / second) + 1 + (1 - 4 / fourth)) / 4);
    close(found, "mse", 4.25 / 8);
    close(found, "ultra_active_fraction", 1);
    assertThat(found.get("dead_fraction")).isEqualTo(Metric.none(4));
    assertThat(found.get("l0").tokens()).isEqualTo(4);
    assertThat(found.get("l0").low().orElseThrow()).isBetween(0.5, 1.0);
  }

  @Test
  void aGroupOfOneTokenHasNoLegacyVariance() {
    Map<String, Metric> found = new LinkedHashMap<>();
    try (TensorScope _ = TensorScope.open();
        Dictionary dictionary = threeFeatures();
        Resamples resamples = Resamples.draw(1, 5, 1, "test");
        TargetSums targets = new TargetSums(resamples, 2);
        RateSums sums = new RateSums(dictionary, 1)) {
      Tensor x = Tensors.of(new float[] {3, 4}, 1, 2);
      sums.add(x, x, targets.add(x, new int[1]), new int[1]);
      sums.describe(found, resamples, targets.centredSquares());
    }
    assertThat(found.get("explained_variance_legacy")).isEqualTo(Metric.none(0));
    assertThat(found.get("explained_variance_centred").value()).isEmpty();
    close(found, "explained_variance", 1);
  }

  @Test
  void deadIsWhatDoesNotFireInTheFirstHundredThousand() {
    int early = (int) FiringCounts.FIRST_TOKENS;
    try (TensorScope _ = TensorScope.open();
        Dictionary dictionary = threeFeatures();
        RateSums sums = new RateSums(dictionary, 1);
        Resamples resamples = Resamples.draw(1, 5, 1, "test");
        TargetSums targets = new TargetSums(resamples, 2)) {
      float[] rows = new float[2 * (early + 10)];
      rows[2 * early - 1] = 1; // the last of them: feature 1
      rows[2 * early] = 1; // the next: feature 0
      Tensor x = Tensors.of(rows, early + 10, 2);
      for (int start = 0; start < early + 10; start += 30_000) {
        int count = Math.min(30_000, early + 10 - start);
        Tensor part = x.narrow(0, start, count);
        sums.add(part, part, targets.add(part, new int[count]), new int[count]);
      }
      Map<String, Metric> found = new LinkedHashMap<>();
      sums.describe(found, resamples, targets.centredSquares());
      close(found, "dead_fraction", 2 / 3.0);
      assertThat(found.get("dead_fraction").tokens()).isEqualTo(early);
      close(found, "ultra_active_fraction", 0);
    }
  }

  /** Against two passes over each resample's rows, whatever groups they came in. */
  @Test
  void resampledCentredSquaresAreExact() {
    int n = 60;
    int d = 3;
    SeededRandom random = new SeededRandom(9, "rows");
    float[] rows = new float[n * d];
    int[] documents = new int[n];
    for (int i = 0; i < n; i++) {
      documents[i] = i / 9;
      for (int k = 0; k < d; k++) {
        rows[i * d + k] = (float) (random.normal(i * d + k) + 10 * k + documents[i]);
      }
    }
    try (TensorScope _ = TensorScope.open();
        Resamples resamples = Resamples.draw(7, 25, 1, "test");
        TargetSums targets = new TargetSums(resamples, d)) {
      for (int start = 0; start < n; start += 25) {
        int end = Math.min(start + 25, n);
        targets.add(
            Tensors.of(rows, n, d).narrow(0, start, end - start),
            Arrays.copyOfRange(documents, start, end));
      }
      double[] weights = resamples.of(new int[] {0, 1, 2, 3, 4, 5, 6}).doubles();
      double[] found = targets.centredSquares().values();
      for (int sample = 0; sample < 26; sample++) {
        double[] weight = new double[n];
        for (int i = 0; i < n; i++) {
          weight[i] = weights[sample * 7 + documents[i]];
        }
        assertThat(found[sample]).isCloseTo(twoPasses(rows, weight, d), within(1e-8));
      }
    }
  }

  private static double twoPasses(float[] rows, double[] weight, int d) {
    double result = 0;
    for (int k = 0; k < d; k++) {
      double sum = 0;
      double n = 0;
      for (int i = 0; i < weight.length; i++) {
        sum += weight[i] * rows[i * d + k];
        n += weight[i];
      }
      for (int i = 0; i < weight.length; i++) {
        result += weight[i] * Math.pow(rows[i * d + k] - sum / n, 2);
      }
    }
    return result;
  }

  private static void close(Map<String, Metric> found, String name, double expected) {
    assertThat(found.get(name).value().orElseThrow()).as(name).isCloseTo(expected, within(1e-7));
  }
}
