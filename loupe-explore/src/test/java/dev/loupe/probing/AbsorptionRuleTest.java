package dev.loupe.probing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** Each case of the measure by hand. Feature 0 is the letter's. */
final class AbsorptionRuleTest {
  private static final float[] COSINES = {0.9f, 0.5f, 0.5f, 0.25f, 0.05f, 0.01f, -0.5f, 0.5f};
  private static final AbsorptionRule RULE = new AbsorptionRule(COSINES, new int[] {0});

  private static AbsorptionRule.Judgement judge(double projection, float... values) {
    int[] features = new int[values.length / 2];
    float[] of = new float[features.length];
    for (int i = 0; i < features.length; i++) {
      features[i] = (int) values[2 * i];
      of[i] = values[2 * i + 1];
    }
    return RULE.judge(features, of, projection);
  }

  @Test
  void aChildThatCarriesTheDirectionAbsorbsIt() {
    AbsorptionRule.Judgement judgement = judge(2, 1, 2); // contributes 1 of 2
    assertThat(judgement.isFull()).isTrue();
    assertThat(judgement.absorber()).isEqualTo(1);
    assertThat(judgement.fraction()).isEqualTo(1);
  }

  @Test
  void aMainFeatureThatFiresIsNoFullAbsorption() {
    AbsorptionRule.Judgement judgement = judge(2, 0, 0.001f, 1, 2);
    assertThat(judgement.isFull()).isFalse();
    assertThat(judgement.fraction()).isCloseTo(1 / 1.0009, within(1e-6));
  }

  @Test
  void aShareBelowTheBoundIsNone() {
    assertThat(judge(2.5, 1, 2)).matches(AbsorptionRule.Judgement::isFull); // 0.4 exactly
    assertThat(judge(2.51, 1, 2)).isEqualTo(new AbsorptionRule.Judgement(-1, 0));
  }

  @Test
  void cosinesHaveTheirOwnBounds() {
    // 0.05 is enough in full, not for a fraction; 0.01 is for neither
    assertThat(judge(1, 4, 10)).isEqualTo(new AbsorptionRule.Judgement(4, 0));
    assertThat(judge(0.1, 5, 10)).isEqualTo(new AbsorptionRule.Judgement(-1, 0));
  }

  @Test
  void theTopFeatureDecidesInFullAndThreeTogetherForAFraction() {
    // 0.3 each of 1: no single one is enough, three are, and a fourth is not looked at
    AbsorptionRule.Judgement three = judge(1, 1, 0.6f, 2, 0.6f, 7, 0.6f);
    assertThat(three).isEqualTo(new AbsorptionRule.Judgement(-1, 1));
    float[] four = {1, 0.2f, 2, 0.2f, 3, 0.4f, 7, 0.2f}; // 0.1 each: 0.3 of three
    assertThat(judge(1, four).fraction()).isZero();
    assertThat(judge(0.7, four).fraction()).isEqualTo(1);
  }

  @Test
  void aFractionIsWhatAbsorbersHaveOfWhatIsExplained() {
    // main 0.45, absorber 0.5: 0.5 / 0.95
    assertThat(judge(1, 0, 0.5f, 1, 1).fraction()).isCloseTo(0.5 / 0.95, within(1e-6));
    // absorbers count for no more than what the main features leave: 0.55 of 1
    assertThat(judge(1, 0, 0.5f, 1, 4).fraction()).isCloseTo(0.55, within(1e-6));
    // main features that explain all leave nothing
    assertThat(judge(1, 0, 2, 1, 4).fraction()).isZero();
  }

  @Test
  void nothingIsAbsorbedOfNothing() {
    assertThat(judge(1)).isEqualTo(new AbsorptionRule.Judgement(-1, 0));
    assertThat(judge(0, 1, 1)).isEqualTo(new AbsorptionRule.Judgement(-1, 0));
    assertThat(judge(-1, 1, 1)).isEqualTo(new AbsorptionRule.Judgement(-1, 0));
    // what speaks against the letter is no absorber
    assertThat(judge(1, 6, 3)).isEqualTo(new AbsorptionRule.Judgement(-1, 0));
  }
}
