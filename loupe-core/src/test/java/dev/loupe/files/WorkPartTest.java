package dev.loupe.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loupe.kernel.Range;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class WorkPartTest {
  @ParameterizedTest
  @CsvSource({"0,1", "1,1", "10,1", "10,3", "3,10", "7,7", "2147483647,999999999"})
  void partsFollowOneAnother(int count, int of) {
    int at = 0;
    int least = Integer.MAX_VALUE;
    int most = 0;
    for (int number = 1; number <= Math.min(of, 1_000); number++) {
      Range range = new WorkPart(number, of).range(count);
      assertThat(range.from()).isEqualTo(at);
      at = range.to();
      least = Math.min(least, range.size());
      most = Math.max(most, range.size());
    }
    assertThat(new WorkPart(of, of).range(count).to()).isEqualTo(count);
    assertThat(most - least).isBetween(0, 1);
  }

  @Test
  void isReadAndPrinted() {
    assertThat(WorkPart.parse("2/7")).isEqualTo(new WorkPart(2, 7)).hasToString("2/7");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0/3", "4/3", "2", "2/", "-1/3", "2/7/9", "a/b", "1/99999999999"})
  void whatIsNoPartIsRefused(String text) {
    assertThatThrownBy(() -> WorkPart.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected a part")
        .hasMessageContaining("got " + text);
  }
}
