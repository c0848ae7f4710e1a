package dev.loupe.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.Gate;
import dev.loupe.dictionary.Site;
import dev.loupe.model.Hook;
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
  private static final Hook HOOK = Site.R.hookOut(0);

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

  /** Groups of tokens one after another, as an evaluation adds them. */
  private static final class Added implements AutoCloseable {
    private final Subject subject;
    private final RateSums rates;
    private final Resamples resamples;
    private final TargetSums targets;
    private final DocumentSums totals;
    private long tokens;

    Added(Dictionary dictionary, int documents, int samples) {
      subject = Subject.of(dictionary);
      rates = new RateSums(subject);
      resamples = Resamples.draw(documents, samples, 1, "test");
      targets = new TargetSums(subject.hookOut(), resamples, 2);
      totals = DocumentSums.ofAll(documents);
    }

    void add(Tensor x, int... documents) {
      try (GroupSums group = GroupSums.of(documents)) {
        int[] rows = group.sums().rows(documents);
        TargetSums.Targets found = TargetSums.measure(subject.hookOut(), x, rows, group);
        rates.add(x, x, found, rows, tokens, group.sums());
        targets.add(group);
        totals.merge(group.sums());
        tokens += documents.length;
      }
    }

    Map<String, Metric> metrics() {
      Map<String, Metric> found = new LinkedHashMap<>();
      Series centred = targets.centredSquares(totals);
      RateSums.describe(subject.label(), found, totals, rates.firings(), resamples, centred);
      return found;
    }

    @Override
    public void close() {
      rates.close();
      targets.close();
      resamples.close();
    }
  }

  @Test
  void metricsOfFourTokens() {
    // x̂ = x, but for what is not above 0.5: (0, 2) for the second, (0, 0) for the fourth
    float[] rows = {3, 4, 0.5f, 2, -1, 0, 0, -2};
    Map<String, Metric> found;
    try (TensorScope _ = TensorScope.open();
        Dictionary dictionary = threeFeatures();
        Added sums = new Added(dictionary, 2, 20)) {
      sums.add(Tensors.of(rows, 4, 2), 0, 0, 1, 1);
      found = sums.metrics();
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
    Map<String, Metric> found;
    try (TensorScope _ = TensorScope.open();
        Dictionary dictionary = threeFeatures();
        Added sums = new Added(dictionary, 1, 5)) {
      sums.add(Tensors.of(new float[] {3, 4}, 1, 2), 0);
      found = sums.metrics();
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
        Added sums = new Added(dictionary, 1, 5)) {
      float[] rows = new float[2 * (early + 10)];
      rows[2 * early - 1] = 1; // the last of them: feature 1
      rows[2 * early] = 1; // the next: feature 0
      Tensor x = Tensors.of(rows, early + 10, 2);
      for (int start = 0; start < early + 10; start += 30_000) {
        int count = Math.min(30_000, early + 10 - start);
        sums.add(x.narrow(0, start, count), new int[count]);
      }
      Map<String, Metric> found = sums.metrics();
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
        TargetSums targets = new TargetSums(HOOK, resamples, d)) {
      DocumentSums totals = DocumentSums.ofAll(7);
      for (int start = 0; start < n; start += 25) {
        int end = Math.min(start + 25, n);
        int[] some = Arrays.copyOfRange(documents, start, end);
        try (GroupSums group = GroupSums.of(some)) {
          Tensor x = Tensors.of(rows, n, d).narrow(0, start, end - start);
          TargetSums.measure(HOOK, x, group.sums().rows(some), group);
          targets.add(group);
          totals.merge(group.sums());
        }
      }
      double[] weights = resamples.of(new int[] {0, 1, 2, 3, 4, 5, 6}).doubles();
      double[] found = targets.centredSquares(totals).values();
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
