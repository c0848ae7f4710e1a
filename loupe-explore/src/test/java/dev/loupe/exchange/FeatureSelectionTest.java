package dev.loupe.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FeatureSelectionTest {
  @Test
  void readsNumbersAndRangesAndSortsThem() {
    assertThat(FeatureSelection.parse("7, 0-2,1-3,7", 8).numbers()).containsExactly(0, 1, 2, 3, 7);
    assertThat(FeatureSelection.all(3).numbers()).containsExactly(0, 1, 2);
  }

  @Test
  void comesInParts() {
    assertThat(FeatureSelection.all(5).parts(2))
        .containsExactly(List.of(0, 1), List.of(2, 3), List.of(4));
    assertThat(FeatureSelection.all(4).parts(4)).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|expected features such as 0-99,417, got ''",
        "1,,2|got '' in '1,,2'",
        "a|got 'a'",
        "-1|got '-1'",
        "3-|got '3-'",
        "9999999999|got '9999999999'",
        "5-3|expected a range from low to high, got '5-3'",
        "8|expected features from 0 to 7, got 8 in '8'",
        "0-8|expected features from 0 to 7, got 8 in '0-8'",
      })
  void refuses(String text, String message) {
    assertThatThrownBy(() -> FeatureSelection.parse(text, 8))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
