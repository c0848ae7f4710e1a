package dev.loupe.figure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.loupe.figure.Ticks.Tick;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where axes are labelled, and where values fall on them. */
final class TicksTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 | 1 | 5 | 0, 0.2, 0.4, 0.6, 0.8, 1.0",
        "0 | 0.3 | 4 | 0, 0.1, 0.2, 0.3",
        "-1 | 1 | 4 | −1.0, −0.5, 0, 0.5, 1.0",
        "0.672 | 0.931 | 6 | 0.70, 0.75, 0.80, 0.85, 0.90",
        "0 | 970 | 5 | 0, 200, 400, 600, 800",
        "0 | 600000 | 4 | 0, 200,000, 400,000, 600,000",
        "0 | 2000000 | 4 | 0, 0.5M, 1.0M, 1.5M, 2.0M",
        "0 | 1600000000 | 4 | 0, 0.5G, 1.0G, 1.5G",
        "0 | 0.00004 | 4 | 0, 0.00001, 0.00002, 0.00003, 0.00004",
      })
  void linearTicksAreMultiplesOfOneTwoOrFive(double low, double high, int most, String labels) {
    assertThat(labels(Ticks.linear(low, high, most, false))).isEqualTo(labels);
  }

  /** Layers 0 to 2 have no layer 0.5. */
  @Test
  void wholeValuesHaveNoTicksBetweenThem() {
    assertThat(labels(Ticks.linear(0, 2, 8, true))).isEqualTo("0, 1, 2");
    assertThat(labels(Ticks.linear(0, 2, 4, false))).isEqualTo("0, 0.5, 1.0, 1.5, 2.0");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1 | 1000 | 5 | 1, 10, 100, 1,000",
        "0.01 | 10 | 5 | 0.01, 0.1, 1, 10",
        "0.000001 | 1 | 8 | 10⁻⁶, 10⁻⁵, 10⁻⁴, 10⁻³, 10⁻², 10⁻¹, 10⁰",
        "0.000001 | 1 | 4 | 10⁻⁶, 10⁻⁴, 10⁻², 10⁰",
        "8 | 130 | 6 | 10, 20, 50, 100",
        "8 | 130 | 3 | 10, 30, 100",
        "41 | 57 | 4 | 45, 50, 55",
      })
  void logarithmicTicksArePowersOfTen(double low, double high, int most, String labels) {
    assertThat(labels(Ticks.log(low, high, most))).isEqualTo(labels);
  }

  @Test
  void minorTicksAreTheMultiplesBetweenPowers() {
    assertThat(Ticks.log(1, 100, 5).minor())
        .containsExactly(
            2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void ticksAreWithinTheAxisAscendingAndNotTooMany(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 500; i++) {
      double low = random.nextGaussian() * Math.pow(10, random.nextInt(13) - 6);
      double span = Math.pow(10, 12 * random.nextDouble() - 6);
      int most = 2 + random.nextInt(10);
      List<Double> values =
          Ticks.linear(low, low + span, most, false).major().stream().map(Tick::value).toList();
      assertThat(values).as("seed %d, axis %s + %s", seed, low, span).isSorted();
      assertThat(values).hasSizeBetween(2, Math.max(5, most + 1)).doesNotHaveDuplicates();
      assertThat(values)
          .allSatisfy(v -> assertThat(v).isBetween(low - 1e-8 * span, low + (1 + 1e-8) * span));
    }
  }

  @Test
  void fractionsOfLengthAreThoseOfTheScale() {
    Axis linear = Axis.linear("x", "").within(-2, 6);
    Ruler ruler = Ruler.numbers(linear, Extent.of(linear, DoubleStream.of(0)), 5);
    assertThat(ruler.fraction(-2)).isZero();
    assertThat(ruler.fraction(0)).isEqualTo(0.25);
    assertThat(ruler.fraction(6)).isEqualTo(1);
    Axis log = Axis.log("x", "").within(0.01, 100);
    Ruler logarithmic = Ruler.numbers(log, Extent.of(log, DoubleStream.of(1)), 5);
    assertThat(logarithmic.fraction(0.1)).isEqualTo(0.25, within(1e-12));
    assertThat(logarithmic.fraction(1)).isEqualTo(0.5, within(1e-12));
    assertThat(logarithmic.fraction(0)).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(logarithmic.fraction(-3)).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(Ruler.words(List.of("R", "A", "M", "TC")).fraction(0.5)).isEqualTo(0.125);
  }

  @Test
  void anAxisWithoutBoundsGoesALittleBeyondItsValues() {
    Axis axis = Axis.linear("x", "");
    Ruler ruler = Ruler.numbers(axis, Extent.of(axis, DoubleStream.of(10, 20)), 5);
    assertThat(ruler.low()).isEqualTo(9.6, within(1e-12));
    assertThat(ruler.high()).isEqualTo(20.4, within(1e-12));
  }

  @ParameterizedTest
  @CsvSource({"5, 2.5, 7.5", "-4, -6, -2", "0, -1, 1"})
  void oneValueStandsInTheMiddle(double value, double low, double high) {
    Axis axis = Axis.linear("x", "");
    Ruler ruler = Ruler.numbers(axis, Extent.of(axis, DoubleStream.of(value)), 5);
    assertThat(List.of(ruler.low(), ruler.high())).containsExactly(low, high);
    assertThat(ruler.ticks().major()).isNotEmpty();
  }

  @Test
  void anAxisOfNothingOrOfBoundsBeyondAllValuesIsStillAnAxis() {
    Axis log = Axis.log("x", "");
    Ruler none = Ruler.numbers(log, Extent.of(log, DoubleStream.of(-1, 0)), 5);
    assertThat(List.of(none.low(), none.high())).containsExactly(1.0, 10.0);
    Axis from = Axis.linear("x", "").from(100);
    Ruler beyond = Ruler.numbers(from, Extent.of(from, DoubleStream.of(1, 2)), 5);
    assertThat(List.of(beyond.low(), beyond.high())).containsExactly(100.0, 200.0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 | 0",
        "600000 | 600,000",
        "12345678 | 1.23×10⁷",
        "-0.73214 | −0.7321",
        "0.5 | 0.5",
        "123.456 | 123.5",
        "0.00042 | 4.2×10⁻⁴",
        "0.0001 | 10⁻⁴",
        "NaN | –",
      })
  void numbersAreRoundedForPeople(double value, String text) {
    assertThat(Numbers.text(value)).isEqualTo(text);
  }

  @Test
  void numbersOfAColumnHaveTheSameDecimalsUnlessSmallOnesWouldBeLost() {
    ColumnNumbers even = new ColumnNumbers(List.of(0.85081, 0.729));
    assertThat(List.of(even.text(0.85081), even.text(0.729))).containsExactly("0.8508", "0.7290");
    ColumnNumbers uneven = new ColumnNumbers(List.of(50.0, 0.0125));
    assertThat(List.of(uneven.text(50), uneven.text(0.0125))).containsExactly("50", "0.0125");
    assertThat(new ColumnNumbers(List.of(2048.0, 8.0)).text(2048)).isEqualTo("2,048");
  }

  @Test
  void namesAtTheEndsOfLinesDoNotOverlap() {
    double[] places = LegendDrawing.apart(new double[] {10, 12, 80, 99}, 100);
    assertThat(places).containsExactly(10, 24, 80, 99);
    assertThat(LegendDrawing.apart(new double[] {95, 96, 97}, 100)).containsExactly(72, 86, 100);
  }

  private static String labels(Ticks ticks) {
    return String.join(", ", ticks.major().stream().map(Tick::label).toList());
  }
}
