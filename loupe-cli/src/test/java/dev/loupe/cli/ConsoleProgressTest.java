package dev.loupe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConsoleProgressTest {
  /** Seconds so far, items done in them, items that are left. */
  @ParameterizedTest
  @CsvSource({
    "60, 10, 90, ', 9.0 min left'",
    "30, 50, 50, ', 30.0 s left'",
    "3600, 1, 99, ', 4.1 days left'",
    "5, 50, 50, ''",
    "60, 0, 100, ''",
    "60, 100, 0, ''"
  })
  void theTimeLeftIsThatAtTheSpeedSoFar(double seconds, long done, long rest, String told) {
    assertThat(ConsoleProgress.left(seconds, done, rest)).isEqualTo(told);
  }

  @ParameterizedTest
  @CsvSource({"5.04, 5.0 s", "150, 2.5 min", "9000, 2.5 h", "356400, 4.1 days"})
  void timesAreInTheUnitThatSuits(double seconds, String text) {
    assertThat(TimeText.of(seconds)).isEqualTo(text);
  }
}
