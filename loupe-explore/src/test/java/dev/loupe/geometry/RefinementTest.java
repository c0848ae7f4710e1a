package dev.loupe.geometry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.loupe.analyze.NearestDirections;
import dev.loupe.kernel.CodeRows;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.SeededRandom;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A planted splitting of 1,200 tokens. Narrow: 0 fires on 0 .. 299, 1 on 300 .. 399, 2 on every
 * second token, 3 on ten tokens, 4 nowhere. Wide: 0, 1 and 2 fire on the parts 0 .. 149, 150 .. 249
 * and 250 .. 279 of feature 0 and point nearly its way; 3 is feature 1 with 25 firings more; 4 is
 * new; 5 points like feature 1 but fires elsewhere; 6 fires with feature 0 and points elsewhere; 7
 * fires ten times; 8 points and fires like the dense feature 2.
 */
@ExtendWith(LeakCheck.class)
final class RefinementTest {
  private static final int TOKENS = 1_200;
  private static final int D = 8;

  private static int[] range(int from, int to) {
    return IntStream.range(from, to).toArray();
  }

  private static int[] every(int step) {
    return IntStream.range(0, TOKENS).filter(t -> t % step == 0).toArray();
  }

  private static final List<int[]> NARROW =
      List.of(range(0, 300), range(300, 400), every(2), range(500, 510), new int[0]);

  private static final List<int[]> WIDE =
      List.of(
          range(0, 150),
          range(150, 250),
          range(250, 280),
          range(300, 425),
          range(801, 900),
          range(901, 1_000),
          range(20, 120),
          range(500, 510),
          every(2));

  private static FiringLists lists(List<int[]> fires, int tokens, int part) {
    List<CodeRows> parts = new ArrayList<>();
    for (int from = 0; from < tokens; from += part) {
      int to = Math.min(tokens, from + part);
      int[] starts = new int[to - from + 1];
      List<Integer> features = new ArrayList<>();
      for (int t = from; t < to; t++) {
        for (int f = 0; f < fires.size(); f++) {
          int token = t;
          if (IntStream.of(fires.get(f)).anyMatch(at -> at == token)) {
            features.add(f);
          }
        }
        starts[t - from + 1] = features.size();
      }
      int[] found = features.stream().mapToInt(Integer::intValue).toArray();
      float[] values = new float[found.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = 1 + found[i];
      }
      parts.add(new CodeRows(starts, found, values));
    }
    return FiringLists.of(parts, fires.size());
  }

  /** Rows of weights of the axes, normalised. */
  private static Tensor unit(float[]... rows) {
    float[] all = new float[rows.length * D];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(rows[i], 0, all, i * D, rows[i].length);
    }
    return NearestDirections.normalised(Tensors.of(all, rows.length, D));
  }

  private static Tensor narrowUnit() {
    return unit(
        new float[] {1},
        new float[] {0, 1},
        new float[] {0, 0, 1},
        new float[] {0, 0, 0, 1},
        new float[] {0, 0, 0, 0, 0, 0, 0, 0}); // no direction at all
  }

  private static Tensor wideUnit() {
    return unit(
        new float[] {4, 0, 0, 0, 3},
        new float[] {4, 0, 0, 0, 0, 3},
        new float[] {3, 0, 0, 0, 0, 0, 4},
        new float[] {0, 1},
        new float[] {0, 0, 0, 0, 0, 0, 0, 1},
        new float[] {0, 1},
        new float[] {0, 0, 0, 0, 0, 0, 0, 1},
        new float[] {1},
        new float[] {0, 0, 1});
  }

  @Test
  void plantedSplittingIsFound() {
    FiringLists narrow = lists(NARROW, TOKENS, TOKENS);
    FiringLists wide = lists(WIDE, TOKENS, TOKENS);
    List<Refinement> all = under(new SplittingRules(0.4, 0.5, 20, 0.3), narrow, wide);
    assertThat(all)
        .extracting(Refinement::kind)
        .containsExactly(
            Refinement.Kind.REFINES,
            Refinement.Kind.REFINES,
            Refinement.Kind.REFINES,
            Refinement.Kind.REFINES,
            Refinement.Kind.NEW,
            Refinement.Kind.NEAR_ONLY,
            Refinement.Kind.CONTAINED_ONLY,
            Refinement.Kind.RARE,
            Refinement.Kind.NEAR_ONLY);
    assertThat(all).extracting(Refinement::parent).containsExactly(0, 0, 0, 1, -1, -1, -1, -1, -1);
    assertThat(all.get(0).cosine()).isEqualTo(0.8, within(1e-6));
    assertThat(all.get(2).cosine()).isEqualTo(0.6, within(1e-6));
    assertThat(all.get(3).containment()).isEqualTo(0.8);
    assertThat(all.get(3).both()).isEqualTo(100);
    assertThat(all.get(4).container()).isEqualTo(-1);
    assertThat(all.get(4).containment()).isZero();
    assertThat(all.get(6).container()).isZero();
    assertThat(all.get(6).containment()).isEqualTo(1);
    List<Family> families = Family.of(all, narrow, wide);
    assertThat(families)
        .containsExactly(new Family(0, List.of(0, 1, 2), 280), new Family(1, List.of(3), 100));
  }

  private static List<Refinement> under(
      SplittingRules rules, FiringLists narrow, FiringLists wide) {
    try (TensorScope _ = TensorScope.open()) {
      return Refinement.all(narrowUnit(), wideUnit(), narrow, wide, rules);
    }
  }

  @Test
  void aDenseFeatureContainsNothing() {
    List<Refinement> all =
        under(
            new SplittingRules(0.4, 0.5, 20, 0.2), // narrow feature 0 fires on a quarter
            lists(NARROW, TOKENS, TOKENS),
            lists(WIDE, TOKENS, TOKENS));
    assertThat(all.get(0).kind()).isEqualTo(Refinement.Kind.NEAR_ONLY);
    assertThat(all.get(6).kind()).isEqualTo(Refinement.Kind.NEW);
    assertThat(all.get(3).parent()).isEqualTo(1);
  }

  /** What threads share and where tiles end changes nothing. */
  @Test
  void countsAreThoseOfSets() {
    SeededRandom random = new SeededRandom(5, "firings");
    List<int[]> narrowFires = drawn(random, 0, 30);
    List<int[]> wideFires = drawn(random, 1_000_000, 45);
    FiringLists narrow = lists(narrowFires, 300, 17);
    FiringLists wide = lists(wideFires, 300, 300);
    try (TensorScope _ = TensorScope.open()) {
      Tensor narrowUnit = new SeededRandom(1, "n").directions(30, D, 1);
      Tensor wideUnit = new SeededRandom(1, "w").directions(45, D, 1);
      List<Refinement> found =
          Refinement.all(narrowUnit, wideUnit, narrow, wide, new SplittingRules(0.2, 0.1, 1, 1));
      for (int w = 0; w < 45; w++) {
        Set<Integer> fires = set(wideFires.get(w));
        int most = 0;
        for (int[] other : narrowFires) {
          Set<Integer> both = set(other);
          both.retainAll(fires);
          most = Math.max(most, both.size());
        }
        assertThat(found.get(w).containment())
            .isEqualTo((double) most / fires.size(), within(1e-12));
      }
    }
  }

  private static Set<Integer> set(int[] tokens) {
    Set<Integer> set = new TreeSet<>();
    IntStream.of(tokens).forEach(set::add);
    return set;
  }

  private static List<int[]> drawn(SeededRandom random, long at, int features) {
    return IntStream.range(0, features)
        .mapToObj(f ->
            IntStream.range(0, 300)
                .filter(t -> random.uniform(at + f * 300L + t) < 0.05 + 0.01 * f)
                .toArray())
        .toList();
  }

  @Test
  void listsAreTheSameHoweverTokensAreGrouped() {
    FiringLists whole = lists(WIDE, TOKENS, TOKENS);
    FiringLists parts = lists(WIDE, TOKENS, 7);
    assertThat(parts.starts()).isEqualTo(whole.starts());
    assertThat(parts.tokens()).isEqualTo(whole.tokens());
    assertThat(parts.values()).isEqualTo(whole.values());
    assertThat(whole.firings(3)).isEqualTo(125);
    assertThat(whole.rate(3)).isEqualTo(125.0 / TOKENS);
    FiringLists.ByToken byToken = whole.byToken();
    assertThat(byToken.starts()[1]).isEqualTo(2);
    assertThat(byToken.features()).startsWith(0, 8);
  }

  @Test
  void shiftedFeaturesFireLater() {
    FiringLists lists = lists(List.of(new int[] {0, 3, 8}, new int[0], new int[] {9}), 10, 10);
    FiringLists shifted = lists.shifted(4);
    assertThat(shifted.tokens()).containsExactly(2, 4, 7, 3);
    assertThat(shifted.values()).containsExactly(1, 1, 1, 3);
    assertThat(shifted.firings(0)).isEqualTo(3);
    assertThat(lists.shifted(0).tokens()).isEqualTo(lists.tokens());
  }

  @Test
  void rulesThatMeanNothingAreRefused() {
    assertThatThrownBy(() -> new SplittingRules(0, 0.5, 1, 0.1))
        .hasMessageContaining("expected a cosine and a containment above 0 and at most 1, got 0.0");
    assertThatThrownBy(() -> new SplittingRules(0.4, 1.5, 1, 0.1)).hasMessageContaining("1.5");
    assertThatThrownBy(() -> new SplittingRules(0.4, 0.5, 0, 0.1)).hasMessageContaining("got 0");
    assertThatThrownBy(() -> new SplittingRules(0.4, Double.NaN, 1, 0.1))
        .hasMessageContaining("NaN");
  }
}
