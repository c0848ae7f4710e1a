package dev.loupe.analyze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Half A is document 0, half B is document 1. */
final class TokenShareTest {
  @Test
  void featureOfOneTokenIsExplained() {
    int[] ids = {3, 5, 3, 7, 5, 3, 7, 3};
    boolean[] b = {false, false, false, false, true, true, true, true};
    float[] values = {0.1f, 0, 0.1f, 0, 0, 0.1f, 0, 0.1f};
    assertThat(share(ids, b, values)).isEqualTo(1);
  }

  @Test
  void featureOfTokensWithConstantValuesIsExplained() {
    int[] ids = {3, 5, 7, 3, 5, 7, 7};
    boolean[] b = {false, false, false, true, true, true, true};
    float[] values = {0.3f, 2, 0, 0.3f, 2, 0, 0};
    assertThat(share(ids, b, values)).isEqualTo(1);
  }

  @Test
  void featureThatFiresOnHalfOfATokensPlaces() {
    // p(3) = 1 and p(5) = 0: of B's 2, 0, 0, 0 around the mean 0.5 (3) remain 1 + 1 + 0 + 0
    int[] ids = {3, 3, 5, 5, 3, 3, 5, 5};
    boolean[] b = {false, false, false, false, true, true, true, true};
    float[] values = {2, 0, 0, 0, 2, 0, 0, 0};
    assertThat(share(ids, b, values)).isCloseTo(1 - 2.0 / 3, within(1e-15));
  }

  @Test
  void tokensThatHalfALacksArePredictedByItsMean() {
    // p = 1 for the unseen 8 and 9, p(3) = 1: of B's 3, 0, 1 around 4/3 remain 4 + 1 + 0
    int[] ids = {3, 3, 8, 9, 3};
    boolean[] b = {false, false, true, true, true};
    float[] values = {2, 0, 3, 0, 1};
    double total = 9 + 0 + 1 - 16.0 / 3;
    assertThat(share(ids, b, values)).isCloseTo(1 - 5 / total, within(1e-14));
  }

  @Test
  void valuesOfHalfADoNotExplainThemselves() {
    // each id occurs once in A: fitted there it would explain everything
    int[] ids = {1, 2, 3, 4, 1, 2, 3, 4};
    boolean[] b = {false, false, false, false, true, true, true, true};
    float[] values = {1, 0, 1, 0, 0, 1, 0, 1};
    assertThat(share(ids, b, values)).isEqualTo(-3);
  }

  @Test
  void featureIndependentOfTheTokenIsNotExplained() {
    SplittableRandom random = new SplittableRandom(11);
    int n = 40_000;
    int[] ids = IntStream.range(0, n).map(_ -> random.nextInt(50)).toArray();
    boolean[] b = new boolean[n];
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      b[i] = random.nextBoolean();
      values[i] = random.nextInt(10) == 0 ? 1 + random.nextFloat() : 0;
    }
    assertThat(share(ids, b, values)).isBetween(-0.02, 0.005);
  }

  @Test
  void withoutVarianceThereIsNoShare() {
    int[] ids = {3, 5, 3, 5};
    boolean[] b = {false, false, true, true};
    assertThat(share(ids, b, new float[] {1, 0, 0, 0})).as("silent on B").isNaN();
    assertThat(share(ids, b, new float[] {1, 0, 0.1f, 0.1f})).as("constant on B").isNaN();
    boolean[] all = {true, true, true, true};
    assertThat(share(ids, all, new float[] {1, 0, 1, 0})).as("no half A").isNaN();
    assertThat(share(ids, new boolean[4], new float[] {1, 0, 1, 0})).as("no half B").isNaN();
    assertThat(share(new int[0], new boolean[0], new float[0])).as("no tokens").isNaN();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void isThatOfTheDefinition(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int n = 500 + random.nextInt(500);
    int features = 7;
    int[] ids = IntStream.range(0, n).map(_ -> (int) Math.pow(200, random.nextDouble())).toArray();
    boolean[] b = new boolean[n];
    float[][] values = new float[n][features]; // [tokens, features]
    for (int t = 0; t < n; t++) {
      b[t] = random.nextBoolean();
      for (int f = 0; f < features; f++) {
        boolean fires = random.nextInt(10) < (ids[t] % features == f ? 8 : 1);
        values[t][f] = fires ? random.nextFloat() + f : 0;
      }
    }
    TokenShare share = new TokenShare(tokens(ids, b));
    Firings firings = firings(values, features);
    for (int f = 0; f < features; f++) {
      double expected = dense(ids, b, values, f);
      assertThat(share.of(firings, f)).isCloseTo(expected, within(1e-12));
      assertThat(share.of(firings, f)).as("again").isEqualTo(share.of(firings, f));
    }
  }

  private static double dense(int[] ids, boolean[] b, float[][] values, int feature) {
    Map<Integer, double[]> sums = new HashMap<>(); // id -> sum, count
    double[] allA = new double[2];
    double[] allB = new double[2];
    for (int t = 0; t < ids.length; t++) {
      double[] sum = b[t] ? allB : allA;
      sum[0] += values[t][feature];
      sum[1]++;
      if (!b[t]) {
        double[] ofId = sums.computeIfAbsent(ids[t], _ -> new double[2]);
        ofId[0] += values[t][feature];
        ofId[1]++;
      }
    }
    double residual = 0;
    double total = 0;
    for (int t = 0; t < ids.length; t++) {
      if (b[t]) {
        double[] known = sums.getOrDefault(ids[t], allA);
        residual += Math.pow(values[t][feature] - known[0] / known[1], 2);
        total += Math.pow(values[t][feature] - allB[0] / allB[1], 2);
      }
    }
    return 1 - residual / total;
  }

  private static double share(int[] ids, boolean[] b, float[] values) {
    float[][] column = new float[values.length][1];
    for (int t = 0; t < values.length; t++) {
      column[t][0] = values[t];
    }
    return new TokenShare(tokens(ids, b)).of(firings(column, 1), 0);
  }

  private static ScannedTokens tokens(int[] ids, boolean[] b) {
    int[] documents = IntStream.range(0, ids.length).map(t -> b[t] ? 1 : 0).toArray();
    BitSet inHalfB = new BitSet();
    inHalfB.set(1);
    int[] positions = IntStream.rangeClosed(1, ids.length).toArray();
    return new ScannedTokens(ids, documents, positions, documents, inHalfB, new int[2], new int[2]);
  }

  private static Firings firings(float[][] values, int features) {
    Firings.Collector collector = new Firings.Collector(features);
    int half = values.length / 2; // two batches
    collector.add(TestScans.rows(Arrays.copyOf(values, half)));
    collector.add(TestScans.rows(Arrays.copyOfRange(values, half, values.length)));
    return collector.sorted();
  }
}
