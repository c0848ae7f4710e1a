package dev.loupe.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.SeededRandom;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
final class SeriesTest {
  @Test
  void quantilesAreLinearBetweenNeighbours() {
    double[] sorted = {1, 2, 4, 8, 16};
    assertThat(Series.quantile(sorted, 0)).isEqualTo(1);
    assertThat(Series.quantile(sorted, 0.5)).isEqualTo(4);
    assertThat(Series.quantile(sorted, 0.625)).isEqualTo(6);
    assertThat(Series.quantile(sorted, 1)).isEqualTo(16);
    assertThat(Series.quantile(new double[0], 0.5)).isNaN();
  }

  @Test
  void undefinedResamplesAreLeftOut() {
    Metric metric = new Series(new double[] {1, Double.NaN, 3, 3}).metric(7);
    assertThat(metric).isEqualTo(Metric.of(1, 7, 3, 3));
    assertThat(new Series(new double[] {Double.NaN, 1}).metric(7).value()).isEmpty();
  }

  @Test
  void differenceOfIdenticalSeriesIsExactlyZero() {
    double[] sums = {0.1, 7.3, 2.2, 1e9};
    try (Resamples resamples = Resamples.draw(4, 50, 1, "test")) {
      List<Series> same = resamples.series(List.of(sums, sums.clone()));
      assertThat(same.get(0).minus(same.get(1)).metric(4)).isEqualTo(Metric.of(0, 4, 0, 0));
    }
  }

  @Test
  void everyResampleHasAsManyDocuments() {
    try (TensorScope _ = TensorScope.open();
        Resamples resamples = Resamples.draw(5_000, 30, 2, "test")) {
      Tensor weights = resamples.of(new int[] {4, 4_999});
      double[] ones = IntStream.range(0, 5_000).mapToDouble(_ -> 1).toArray();
      assertThat(resamples.series(List.of(ones)).getFirst().values()).containsOnly(5_000);
      assertThat(weights.shape()).containsExactly(31, 2);
      assertThat(weights.narrow(0, 0, 1).doubles()).containsExactly(1, 1);
    }
  }

  @Test
  void drawsFollowFromTheSeed() {
    double[] sums = {1.1, 2.7, 3.05, 4.9, 15.3, 26.81, 3.3, 0.2};
    assertThat(interval(sums, 3)).isEqualTo(interval(sums, 3));
    assertThat(interval(sums, 3)).isNotEqualTo(interval(sums, 4));
  }

  /** The mean of n numbers has a standard error of √(variance / n). */
  @Test
  void intervalIsThatOfTheNormalApproximation() {
    int n = 400;
    SeededRandom random = new SeededRandom(5, "values");
    double[] values = IntStream.range(0, n).mapToDouble(random::normal).toArray();
    double mean = IntStream.range(0, n).mapToDouble(i -> values[i]).average().orElseThrow();
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    double error = Math.sqrt(squares / n / n);
    Metric metric = interval(values, 6);
    assertThat(metric.value().orElseThrow()).isCloseTo(mean, within(1e-12));
    assertThat(metric.low().orElseThrow()).isCloseTo(mean - 1.96 * error, within(0.2 * error));
    assertThat(metric.high().orElseThrow()).isCloseTo(mean + 1.96 * error, within(0.2 * error));
  }

  /**
   * In 300 experiments 95 % of the intervals hold the truth, give or take three standard errors.
   */
  @Test
  void intervalsCoverTheTruth() {
    int covered = 0;
    for (int experiment = 0; experiment < 300; experiment++) {
      SeededRandom random = new SeededRandom(experiment, "experiment");
      double[] values = IntStream.range(0, 100).mapToDouble(random::uniform).toArray();
      Metric metric = interval(values, experiment);
      boolean holds = metric.low().orElseThrow() <= 0.5 && metric.high().orElseThrow() >= 0.5;
      covered += holds ? 1 : 0;
    }
    assertThat(covered / 300.0).isBetween(0.91, 0.985);
  }

  private static Metric interval(double[] values, long seed) {
    try (Resamples resamples = Resamples.draw(values.length, 1_000, seed, "test")) {
      return resamples.series(List.of(values)).getFirst().over(values.length).metric(0);
    }
  }
}
