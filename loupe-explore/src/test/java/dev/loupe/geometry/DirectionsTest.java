package dev.loupe.geometry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.loupe.analyze.NearestDirections;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.Products;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.SeededRandom;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Cosines of directions whose answers are known in closed form. */
@ExtendWith(LeakCheck.class)
final class DirectionsTest {
  private static final DictionaryName A = DictionaryName.parse("L2R-8x-s0");
  private static final DictionaryName B = DictionaryName.parse("L2R-8x-s1");

  /** All live. */
  static Directions directions(DictionaryName name, Tensor decoder) {
    boolean[] live = new boolean[Math.toIntExact(decoder.size(0))];
    Arrays.fill(live, true);
    return Directions.of(name, decoder, live, DeadBy.NOTHING);
  }

  private static Tensor random(int rows, int d, String purpose) {
    return new SeededRandom(7, purpose).directions(rows, d, 3);
  }

  /** The rows 0 .. n-1 of the identity, moved on by so many places. */
  private static Tensor axes(int n, int d, int from) {
    float[] values = new float[n * d];
    for (int i = 0; i < n; i++) {
      values[i * d + from + i] = 2;
    }
    return Tensors.of(values, n, d);
  }

  @Test
  void aDictionaryIsAtCosineOneOfItself() {
    try (TensorScope _ = TensorScope.open();
        Directions a = directions(A, random(50, 16, "a"));
        Directions b = directions(B, random(50, 16, "a"))) {
      Comparison comparison = Comparison.of(a, b, 50, 1);
      assertThat(comparison.measured().mean()).isEqualTo(1, within(1e-6));
      assertThat(comparison.measured().above09()).isEqualTo(1);
      assertThat(comparison.aboveRandom()).isEqualTo(1);
      assertThat(comparison.johnsonLindenstrauss()).isEmpty();
      Stability stability = Stability.of(a, b);
      assertThat(stability.matched().quantile(0.01)).isEqualTo(1, within(1e-6));
      assertThat(stability.unmatched()).isZero();
    }
  }

  @Test
  void orthogonalDictionariesAreAtCosineZero() {
    try (TensorScope _ = TensorScope.open();
        Directions a = directions(A, axes(8, 16, 0));
        Directions b = directions(B, axes(8, 16, 8))) {
      Distribution measured = Comparison.of(a, b, 8, 1).measured();
      assertThat(measured.mean()).isZero();
      assertThat(measured.histogram().get(Distribution.BINS / 2)).isEqualTo(8);
    }
  }

  @Test
  void deadAndZeroFeaturesAreLeftOut() {
    try (TensorScope _ = TensorScope.open();
        Directions some =
            Directions.of(
                A, axes(4, 4, 0), new boolean[] {false, true, true, false}, DeadBy.FEATURE_STORE)) {
      assertThat(some.features()).containsExactly(1, 2);
      assertThat(some.all()).isEqualTo(4);
      assertThat(some.unit().floats()).containsExactly(0, 1, 0, 0, 0, 0, 1, 0);
    }
    try (TensorScope _ = TensorScope.open()) {
      Tensor one = axes(2, 4, 0);
      assertThatThrownBy(
              () -> Directions.of(A, one, new boolean[] {true, false}, DeadBy.NOTHING).close())
          .hasMessage("expected two live features or more in L2R-8x-s0, got 1 of 2");
    }
  }

  /** Every pair, without tiles. */
  @ParameterizedTest
  @CsvSource({"1,2,false", "70,33,false", "1030,1500,false", "1030,1030,true"})
  void nearestAreThoseOfAllPairs(int n, int m, boolean same) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor rows = NearestDirections.normalised(random(n, 8, "rows"));
      Tensor columns = same ? rows : NearestDirections.normalised(random(m, 8, "columns"));
      float[] all = Products.linear(rows, columns).floats();
      NearestDirections nearest = NearestDirections.of(rows, columns, 3, same);
      assertThat(nearest.each()).isEqualTo(Math.min(3, m - (same ? 1 : 0)));
      for (int row = 0; row < n; row++) {
        int of = row;
        int[] expected =
            IntStream.range(0, m)
                .filter(c -> !same || c != of)
                .boxed()
                .sorted((x, y) -> Float.compare(all[of * m + y], all[of * m + x]))
                .limit(nearest.each())
                .mapToInt(Integer::intValue)
                .toArray();
        assertThat(nearest.neighbours(row)).isEqualTo(expected);
      }
    }
  }

  /**
   * On the sphere in three dimensions a cosine with a random direction is uniform on [−1, 1]
   * (Archimedes), so the largest of F has the mean (F − 1) / (F + 1).
   */
  @ParameterizedTest
  @ValueSource(ints = {2, 9, 63})
  void theRandomBaselineHasTheKnownMean(int features) {
    double sum = 0;
    int dictionaries = 40;
    for (int i = 0; i < dictionaries; i++) {
      try (TensorScope _ = TensorScope.open()) {
        Tensor columns = new SeededRandom(i, "columns").directions(features, 3, 1);
        sum += Distribution.of(Baselines.random(columns, 500, i)).mean();
      }
    }
    double deviation = 2.0 / (features + 1); // of one maximum, at most
    assertThat(sum / dictionaries)
        .isEqualTo(
            (features - 1.0) / (features + 1), within(3 * deviation / Math.sqrt(dictionaries)));
  }

  @Test
  void theCovarianceBaselineHasTheMomentsOfTheColumns() {
    int draws = 40_000;
    try (TensorScope _ = TensorScope.open()) {
      // long in the first direction, and off the origin in the second
      float[] values = {3, 1, 0, -3, 1, 0, 1, 1, 0.5f, -1, 1, -0.5f};
      Tensor columns = Tensors.of(values, 4, 3);
      Tensor drawn = Baselines.gaussian(columns, draws, 5);
      assertThat(Reductions.mean(drawn, 0).floats())
          .usingComparatorWithPrecision(0.05f)
          .containsExactly(0, 1, 0);
      Tensor centred = Arithmetic.subtract(drawn, Reductions.mean(drawn, 0));
      Tensor products = Products.multiply(centred.transpose(0, 1), centred);
      assertThat(Arithmetic.divide(products, draws).floats())
          .usingComparatorWithPrecision(0.1f)
          .containsExactly(5, 0, 0.25f, 0, 0, 0, 0.25f, 0, 0.125f);
    }
  }

  @Test
  void directionsThatShareTheirStrongAxisAreNoBetterThanCovarianceSays() {
    try (TensorScope _ = TensorScope.open()) {
      float[] a = random(400, 64, "first").floats();
      float[] b = random(400, 64, "second").floats();
      for (int row = 0; row < 400; row++) {
        a[row * 64] += 6; // one direction in all columns of both
        b[row * 64] += 6;
      }
      try (Directions first = directions(A, Tensors.of(a, 400, 64));
          Directions second = directions(B, Tensors.of(b, 400, 64))) {
        Comparison comparison = Comparison.of(first, second, 400, 2);
        assertThat(comparison.aboveRandom()).isGreaterThan(0.99);
        assertThat(comparison.aboveCovariance()).isLessThan(0.05);
      }
    }
  }

  @Test
  void johnsonLindenstraussIsThePapers() {
    assertThat(JohnsonLindenstrauss.of(32_768, 4_096).orElseThrow().epsilon())
        .isEqualTo(0.174, within(1e-3));
    assertThat(JohnsonLindenstrauss.of(131_072, 4_096).orElseThrow().epsilon())
        .isEqualTo(0.186, within(1e-3));
    assertThat(JohnsonLindenstrauss.of(32_768, 999)).isEmpty();
  }

  /** The same rule over all pairs at once. */
  @ParameterizedTest
  @CsvSource({"1,1", "40,40", "200,150", "150,200"})
  void matchingIsGreedy(int n, int m) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor rows = NearestDirections.normalised(random(n, 4, "rows")); // 4: many want the same
      Tensor columns = NearestDirections.normalised(random(m, 4, "columns"));
      float[] all = Products.linear(rows, columns).floats();
      int[] expected = new int[n];
      Arrays.fill(expected, -1);
      boolean[] taken = new boolean[m];
      IntStream.range(0, n * m)
          .boxed()
          .sorted((x, y) -> Float.compare(all[y], all[x]))
          .forEach(pair -> {
            if (expected[pair / m] < 0 && !taken[pair % m]) {
              expected[pair / m] = pair % m;
              taken[pair % m] = true;
            }
          });
      GreedyMatching matching = GreedyMatching.of(rows, columns);
      assertThat(matching.columns()).isEqualTo(expected);
      assertThat(matching.pairs()).hasSize(Math.min(n, m));
    }
  }

  @Test
  void onlyTheSeedMayDiffer() {
    List<DictionaryName> names =
        List.of("L2R-8x-s0", "L2R-8x-s1", "L2R-8x", "L3R-8x-s1", "L2R-8x-k20.s0", "L2R-8x-k20.s1")
            .stream()
            .map(DictionaryName::parse)
            .toList();
    assertThat(Stability.pairs(names))
        .containsExactly(List.of(names.get(0), names.get(1)), List.of(names.get(4), names.get(5)));
  }

  @Test
  void aDistributionIsThatOfItsNumbers() {
    Distribution of = Distribution.of(new float[] {-1, 0.75f, 1, 0.25f, 0.95f});
    assertThat(of.mean()).isEqualTo(0.39, within(1e-6));
    assertThat(of.quantile(0.5)).isEqualTo(0.75);
    assertThat(of.quantile(0.25)).isEqualTo(0.25);
    assertThat(of.quantile(0.05)).isEqualTo(-0.75, within(1e-6));
    assertThat(of.above07()).isEqualTo(0.6);
    assertThat(of.above09()).isEqualTo(0.4);
    assertThat(of.histogram().getFirst()).isEqualTo(1);
    assertThat(of.histogram().getLast()).isEqualTo(1);
    assertThat(of.histogram().stream().mapToInt(Integer::intValue).sum()).isEqualTo(5);
    assertThatThrownBy(() -> Distribution.of(new float[0])).hasMessageContaining("got none");
    assertThatThrownBy(() -> of.quantile(0.3)).hasMessageContaining("got 0.3");
  }
}
