package dev.loupe.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Bootstrap intervals over documents hold the truth about as often as they say, where tokens of a
 * document are alike and documents differ in length.
 */
final class IntervalCoverageTest {
  private static final int RUNS = 400;
  private static final int DOCUMENTS = 80;
  private static final int SAMPLES = 200;
  private static final double TRUTH = 0.7;

  /** One drawing of documents: Σ value and tokens of each, with values around a mean of its own. */
  private static Metric measure(Random random, long seed) {
    double[] sums = new double[DOCUMENTS];
    double[] tokens = new double[DOCUMENTS];
    for (int document = 0; document < DOCUMENTS; document++) {
      double mean = TRUTH + 0.2 * random.nextGaussian();
      int length = 5 + random.nextInt(60);
      tokens[document] = length;
      for (int token = 0; token < length; token++) {
        sums[document] += mean + 0.3 * random.nextGaussian();
      }
    }
    try (Resamples resamples = Resamples.draw(DOCUMENTS, SAMPLES, seed, "coverage")) {
      List<Series> series = resamples.series(List.of(sums, tokens));
      return series.get(0).over(series.get(1)).metric(1);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void coverTheTruth(long seed) {
    Random random = new Random(seed);
    int covered = 0;
    for (int run = 0; run < RUNS; run++) {
      Metric metric = measure(random, seed * RUNS + run);
      boolean holds = metric.low().orElseThrow() <= TRUTH && TRUTH <= metric.high().orElseThrow();
      covered += holds ? 1 : 0;
    }
    // 95 % less what the percentile interval of 80 documents is too narrow by, ± 3 errors of 400
    assertThat((double) covered / RUNS).as("seed %d", seed).isBetween(0.90, 0.985);
  }
}
