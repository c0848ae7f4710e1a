package dev.loupe.interpret;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class BaselinesTest {
  private static Explanation explanation(int feature, String method, String text) {
    return new Explanation(feature, method, "loupe", text, "b", List.of(), Optional.empty());
  }

  @Test
  void areOfAnotherFeatureThatFiresAboutAsOften() {
    List<Explanation> all = new ArrayList<>();
    for (int feature = 0; feature < 100; feature++) {
      all.add(explanation(feature, "rules", "rule " + feature));
      all.add(explanation(feature, "tokens", "token " + feature));
    }
    Baselines baselines = new Baselines(all, feature -> feature / 10, 3);
    Set<Integer> drawn = new HashSet<>();
    for (Explanation each : all) {
      Explanation other = baselines.of(each).orElseThrow();
      assertThat(other.method()).isEqualTo(each.method());
      assertThat(other.feature()).isNotEqualTo(each.feature());
      assertThat(other.feature() / 10).isEqualTo(each.feature() / 10);
      assertThat(new Baselines(all, feature -> feature / 10, 3).of(each)).contains(other);
      drawn.add(other.feature());
    }
    assertThat(drawn).as("not the same few for all").hasSizeGreaterThan(40);
  }

  @Test
  void areNotTheSameWords() {
    List<Explanation> all =
        List.of(
            explanation(0, "rules", "on dogs"),
            explanation(1, "rules", "on dogs"),
            explanation(2, "rules", "on cats"),
            explanation(3, "rules", "on cows"));
    for (long seed = 0; seed < 20; seed++) {
      Baselines baselines = new Baselines(all, feature -> feature / 3, seed);
      assertThat(baselines.of(all.get(0))).contains(all.get(2));
      assertThat(baselines.of(all.get(3))).as("the only one of its tenth").isEmpty();
    }
  }
}
