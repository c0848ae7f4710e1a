package dev.loupe.geometry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.FeatureName;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.SeededRandom;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Planted groups of directions come back as clusters, and as islands of the map. */
@ExtendWith(LeakCheck.class)
final class ClustersAndMapTest {
  private static final DictionaryName NAME = DictionaryName.parse("L2R-8x");
  private static final int D = 32;
  private static final int[] SIZES = {12, 9, 5, 3};
  private static final int LONERS = 20;

  /** Directions about a centre for each size, of which the numbers are mixed, and loners. */
  private static final class Planted {
    private final float[] values;
    private final int[] group; // of each row; −1 for loners

    Planted() {
      List<Integer> groups = new ArrayList<>();
      for (int g = 0; g < SIZES.length; g++) {
        for (int i = 0; i < SIZES[g]; i++) {
          groups.add(g);
        }
      }
      IntStream.range(0, LONERS).forEach(_ -> groups.add(-1));
      int n = groups.size();
      group = new int[n];
      for (int i = 0; i < n; i++) {
        group[i * 10 % n] = groups.get(i); // 10 and 49 have no common divisor
      }
      SeededRandom random = new SeededRandom(11, "planted");
      values = new float[n * D];
      for (int row = 0; row < n; row++) {
        for (int d = 0; d < D; d++) {
          double noise = random.normal((long) row * D + d) * (group[row] < 0 ? 1 : 0.1);
          double centre = group[row] < 0 ? 0 : random.normal(100_000 + (long) group[row] * D + d);
          values[row * D + d] = (float) (centre + noise);
        }
      }
    }

    Tensor tensor() {
      return Tensors.of(values, group.length, D);
    }

    int[] members(int of) {
      return IntStream.range(0, group.length).filter(row -> group[row] == of).toArray();
    }
  }

  private static FeatureLabel label(FeatureName name) {
    return new FeatureLabel(name, OptionalDouble.empty(), List.of(), Optional.empty());
  }

  private static DirectionClusters clusters(Directions directions, double least) {
    return DirectionClusters.of(
        directions, least, 1, 3, row -> label(new FeatureName(NAME, directions.features()[row])));
  }

  @Test
  void plantedClustersAreRecovered() {
    Planted planted = new Planted();
    assertThat(planted.group).hasSize(49);
    try (TensorScope _ = TensorScope.open();
        Directions directions = DirectionsTest.directions(NAME, planted.tensor())) {
      DirectionClusters found = clusters(directions, 0.8);
      assertThat(found.clusters()).hasSize(SIZES.length);
      for (int g = 0; g < SIZES.length; g++) {
        DirectionClusters.Cluster cluster = found.clusters().get(g);
        assertThat(cluster.size()).isEqualTo(SIZES[g]);
        assertThat(cluster.members())
            .extracting(member -> member.feature().feature().feature())
            .containsExactlyInAnyOrder(
                Arrays.stream(planted.members(g)).boxed().toArray(Integer[]::new));
        assertThat(cluster.meanCosine()).isBetween(0.95, 1.0);
        assertThat(cluster.members().getFirst().cosine())
            .isGreaterThanOrEqualTo(cluster.members().getLast().cosine());
      }
      assertThat(found.clustered()).isEqualTo(29);
      assertThat(found.unclustered()).isEqualTo(LONERS);
      assertThat(clusters(directions, 0.8)).isEqualTo(found);
    }
  }

  @Test
  void withoutEdgesThereIsNoCluster() {
    float[] axes = new float[36];
    IntStream.range(0, 6).forEach(i -> axes[i * 7] = 1);
    try (TensorScope _ = TensorScope.open();
        Directions directions = DirectionsTest.directions(NAME, Tensors.of(axes, 6, 6))) {
      DirectionClusters found = clusters(directions, 0.1);
      assertThat(found.edges()).isZero();
      assertThat(found.clusters()).isEmpty();
      assertThat(found.unclustered()).isEqualTo(6);
    }
  }

  @Test
  void theMapDrawsGroupsApartAndTheSameEachTime() {
    Planted planted = new Planted();
    List<FeatureMap.Direction> directions = new ArrayList<>();
    int[] grouped =
        IntStream.range(0, planted.group.length)
            .filter(row -> planted.group[row] == 0 || planted.group[row] == 1)
            .toArray();
    for (int row : grouped) {
      directions.add(
          new FeatureMap.Direction(
              new FeatureName(NAME, row),
              Arrays.copyOfRange(planted.values, row * D, (row + 1) * D)));
    }
    FeatureMap map = FeatureMap.of(directions, 100, 4, ClustersAndMapTest::label);
    assertThat(map.available()).isEqualTo(100);
    assertThat(map.drawn()).isEqualTo(grouped.length);
    int nearestIsOfTheGroup = 0;
    for (int i = 0; i < grouped.length; i++) {
      int of = i;
      int nearest =
          IntStream.range(0, grouped.length)
              .filter(j -> j != of)
              .boxed()
              .min((a, b) -> Double.compare(distance(map, of, a), distance(map, of, b)))
              .orElseThrow();
      nearestIsOfTheGroup += planted.group[grouped[of]] == planted.group[grouped[nearest]] ? 1 : 0;
    }
    assertThat(nearestIsOfTheGroup).isGreaterThanOrEqualTo(grouped.length - 1);
    assertThat(FeatureMap.of(directions, 100, 4, ClustersAndMapTest::label)).isEqualTo(map);
    assertThat(FeatureMap.of(directions, 100, 5, ClustersAndMapTest::label)).isNotEqualTo(map);
    assertThatThrownBy(() -> FeatureMap.of(directions.subList(0, 4), 4, 4, f -> label(f)))
        .hasMessageContaining("expected 5 features or more to draw, got 4");
  }

  private static double distance(FeatureMap map, int i, int j) {
    FeatureMap.Point a = map.points().get(i);
    FeatureMap.Point b = map.points().get(j);
    return Math.hypot(a.x() - b.x(), a.y() - b.y());
  }

  @Test
  void aSampleIsSeededAndInOrder() {
    List<FeatureName> all = IntStream.range(0, 50).mapToObj(f -> new FeatureName(NAME, f)).toList();
    List<FeatureName> some = FeatureMap.sample(all, 10, 1);
    assertThat(some).hasSize(10).isEqualTo(FeatureMap.sample(all, 10, 1));
    assertThat(some).extracting(FeatureName::feature).isSorted();
    assertThat(FeatureMap.sample(all, 10, 2)).isNotEqualTo(some);
    assertThat(FeatureMap.sample(all, 60, 1)).isEqualTo(all);
  }
}
