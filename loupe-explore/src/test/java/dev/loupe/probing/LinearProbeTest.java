package dev.loupe.probing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.SeededRandom;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.Tensors;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Logistic regression against closed forms and Newton's method. */
@ExtendWith(LeakCheck.class)
final class LinearProbeTest {
  @ParameterizedTest
  @ValueSource(doubles = {0.1, 1, 10, 1000})
  void twoPointsHaveAClosedForm(double penalty) {
    // x = 1 in the class and -1 outside, 10 of each: b = 0 and λ w = 20 σ(−w)
    int n = 20;
    float[] x = new float[n];
    boolean[] labels = new boolean[n];
    for (int i = 0; i < n; i++) {
      labels[i] = i % 2 == 0;
      x[i] = labels[i] ? 1 : -1;
    }
    double low = 0;
    double high = 100;
    for (int i = 0; i < 100; i++) {
      double w = (low + high) / 2;
      if (penalty * w < n / (1 + Math.exp(w))) {
        low = w;
      } else {
        high = w;
      }
    }
    try (Tensor table = Tensors.of(x, n, 1)) {
      double[] found = LogisticRegression.fit(table, all(n), labels, penalty, new double[2]);
      double spread = n * Math.exp(-low) / Math.pow(1 + Math.exp(-low), 2);
      // as far as a gradient of 1e-4 a row may be from the minimum
      assertThat(found[0]).isCloseTo(low, within(n * 1e-4 / (penalty + spread)));
      assertThat(found[1]).isCloseTo(0, within(1e-4));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 33})
  void isTheMinimumThatNewtonFinds(int d) {
    int n = 150;
    SeededRandom random = new SeededRandom(d, "newton");
    float[] x = new float[n * d];
    boolean[] labels = new boolean[n];
    for (int i = 0; i < n; i++) {
      double z = 0.3;
      for (int j = 0; j < d; j++) {
        x[i * d + j] = (float) random.normal((long) i * d + j);
        z += x[i * d + j] * (j % 3 - 1);
      }
      labels[i] = random.uniform(1_000_000 + i) < 1 / (1 + Math.exp(-z));
    }
    double[] expected = newton(x, labels, d, 2);
    try (Tensor table = Tensors.of(x, n, d)) {
      double[] found = LogisticRegression.fit(table, all(n), labels, 2, new double[d + 1]);
      for (int j = 0; j <= d; j++) {
        assertThat(found[j]).as("parameter " + j).isCloseTo(expected[j], within(2e-3));
      }
    }
  }

  /** Newton's method in float64, with Gaussian elimination. */
  private static double[] newton(float[] x, boolean[] labels, int d, double penalty) {
    double[] at = new double[d + 1];
    for (int step = 0; step < 50; step++) {
      double[][] system = new double[d + 1][d + 2];
      for (int j = 0; j < d; j++) {
        system[j][j] = penalty;
        system[j][d + 1] = -penalty * at[j];
      }
      for (int i = 0; i < labels.length; i++) {
        double[] row = new double[d + 1];
        row[d] = 1;
        double z = at[d];
        for (int j = 0; j < d; j++) {
          row[j] = x[i * d + j];
          z += row[j] * at[j];
        }
        double p = 1 / (1 + Math.exp(-z));
        for (int a = 0; a <= d; a++) {
          system[a][d + 1] -= (p - (labels[i] ? 1 : 0)) * row[a];
          for (int b = 0; b <= d; b++) {
            system[a][b] += p * (1 - p) * row[a] * row[b];
          }
        }
      }
      double[] change = solve(system);
      for (int j = 0; j <= d; j++) {
        at[j] += change[j];
      }
    }
    return at;
  }

  private static double[] solve(double[][] system) {
    int n = system.length;
    for (int pivot = 0; pivot < n; pivot++) {
      for (int row = 0; row < n; row++) {
        double factor = row == pivot ? 0 : system[row][pivot] / system[pivot][pivot];
        for (int column = pivot; column <= n; column++) {
          system[row][column] -= factor * system[pivot][column];
        }
      }
    }
    return IntStream.range(0, n).mapToDouble(i -> system[i][n] / system[i][i]).toArray();
  }

  @Test
  void scaleAndShiftOfAColumnDoNotMatter() {
    boolean[] labels = labels(60);
    float[] x = noisy(labels, 3);
    float[] moved = x.clone();
    for (int i = 0; i < moved.length; i++) {
      moved[i] = 100 * x[i] - 70;
    }
    LinearProbe probe = LinearProbe.fit(new DenseTable(x, 3), labels);
    LinearProbe other = LinearProbe.fit(new DenseTable(moved, 3), labels);
    assertThat(other.penalty()).isEqualTo(probe.penalty());
    for (int i = 0; i < labels.length; i++) {
      assertThat(other.logit(new DenseTable(moved, 3), i))
          .isCloseTo(probe.logit(new DenseTable(x, 3), i), within(1e-2));
    }
  }

  @Test
  void noiseIsPenalisedMoreThanSignal() {
    boolean[] labels = labels(100);
    LinearProbe signal = LinearProbe.fit(new DenseTable(noisy(labels, 2), 2), labels);
    boolean[] shuffled = labels.clone();
    SeededRandom random = new SeededRandom(5, "labels");
    for (int i = 0; i < shuffled.length; i++) {
      shuffled[i] = random.uniform(i) < 0.5;
    }
    LinearProbe noise = LinearProbe.fit(new DenseTable(noisy(labels, 2), 2), shuffled);
    assertThat(noise.penalty()).isGreaterThan(signal.penalty());
  }

  @Test
  void aConstantColumnSaysNothing() {
    boolean[] labels = labels(40);
    float[] x = new float[80];
    for (int i = 0; i < 40; i++) {
      x[2 * i] = 7;
      x[2 * i + 1] = labels[i] ? 1 : 0;
    }
    LinearProbe probe = LinearProbe.fit(new DenseTable(x, 2), labels);
    assertThat(probe.weights()[0]).isZero();
    assertThat(probe.predict(new DenseTable(x, 2))).isEqualTo(labels);
    double[] direction = probe.direction();
    assertThat(direction).containsExactly(new double[] {0, 1}, within(1e-12));
  }

  @Test
  void badInputIsRefused() {
    try (Tensor table = Tensors.of(new float[4], 4, 1)) {
      assertThatThrownBy(
              () -> LogisticRegression.fit(table, all(4), new boolean[3], 1, new double[2]))
          .hasMessageContaining("expected a label for each of 1 or more rows, got 3 for 4");
      assertThatThrownBy(
              () -> LogisticRegression.fit(table, all(4), new boolean[4], 0, new double[2]))
          .hasMessageContaining("expected a penalty above 0, got 0.0");
    }
    assertThatThrownBy(() -> new DenseTable(new float[5], 2)).hasMessageContaining("5 numbers");
    assertThatThrownBy(
            () -> new DenseTable(new float[4], 1).meanDifferences(all(4), new boolean[4]))
        .hasMessageContaining("expected rows of both classes, got 0 of 4");
    assertThatThrownBy(() -> MeanDifference.either(new double[3], 4))
        .hasMessageContaining("expected a k of at most the 3 candidates, got 4");
  }

  static int[] all(int n) {
    return IntStream.range(0, n).toArray();
  }

  private static boolean[] labels(int n) {
    boolean[] labels = new boolean[n];
    Arrays.fill(labels, 0, n / 2, true);
    return labels;
  }

  private static float[] noisy(boolean[] labels, int d) {
    SeededRandom random = new SeededRandom(1, "noise");
    float[] x = new float[labels.length * d];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.normal(i) + (labels[i / d] ? 2 : 0);
    }
    return x;
  }
}
