package dev.loupe.interpret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class NumbersTest {
  /** As printed by Newcombe (1998), of 81 in 263. */
  @Test
  void wilson() {
    Interval share = Numbers.share(81, 263);
    assertThat(share.value()).isCloseTo(0.3080, within(1e-4));
    assertThat(share.low()).isCloseTo(0.2553, within(1e-4));
    assertThat(share.high()).isCloseTo(0.3662, within(1e-4));
    assertThat(Numbers.share(0, 0)).isEqualTo(Interval.UNKNOWN);
  }

  /** With 30 and 30 items at 0.8 a balanced accuracy is good to a tenth. */
  @Test
  void balancedAccuracy() {
    Interval mean = Numbers.meanOfShares(24, 30, 24, 30);
    assertThat(mean.value()).isCloseTo(0.8, within(1e-12));
    assertThat(mean.high() - mean.low()).isCloseTo(0.2, within(0.01));
    assertThat(Numbers.meanOfShares(1, 1, 0, 0)).isEqualTo(Interval.UNKNOWN);
  }

  @Test
  void areas() {
    assertThat(auc(new double[] {2, 3}, new double[] {0, 1})).isEqualTo(1);
    assertThat(auc(new double[] {0, 1}, new double[] {2, 3})).isZero();
    assertThat(auc(new double[] {1, 1}, new double[] {1, 1, 1})).isEqualTo(0.5);
    assertThat(auc(new double[] {1, 2}, new double[] {1, 0})).isEqualTo(0.875);
    assertThat(auc(new double[0], new double[] {1})).isNaN();
  }

  private static double auc(double[] positives, double[] negatives) {
    return Numbers.auc(positives, negatives, 1).value();
  }

  @Test
  void intervalsOfAreasCoverTheTruth() {
    Random random = new Random(7);
    double truth = 0.760250; // of normal distributions one deviation apart: phi(1 / sqrt 2)
    int held = 0;
    for (int run = 0; run < 200; run++) {
      Interval auc = Numbers.auc(normal(random, 1), normal(random, 0), run);
      held += auc.low() <= truth && truth <= auc.high() ? 1 : 0;
    }
    assertThat(held).isBetween(178, 200);
  }

  private static double[] normal(Random random, double mean) {
    return random.doubles(30).map(_ -> mean + random.nextGaussian()).toArray();
  }

  @Test
  void correlations() {
    assertThat(Numbers.correlation(new double[] {1, 2, 3}, new double[] {2, 4, 6}))
        .isCloseTo(1, within(1e-12));
    assertThat(Numbers.correlation(new double[] {1, 2, 3}, new double[] {3, 2, 1}))
        .isCloseTo(-1, within(1e-12));
    assertThat(Numbers.correlation(new double[] {1, 1}, new double[] {3, 2})).isNaN();
  }
}
