package dev.loupe.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class TokenBatchTest {
  private static final SpecialTokens SPECIAL = new SpecialTokens(List.of(0, 8), List.of(1, 9));

  @Test
  void firstSpecialAndPaddingDoNotCount() {
    TokenBatch batch = TokenBatch.of(new int[][] {{0, 5, 8, 6, 9}, {7, 1, 5}}, SPECIAL);
    assertThat(batch.documents()).isEqualTo(2);
    assertThat(batch.positions()).isEqualTo(5);
    assertThat(batch.ids()).containsExactly(0, 5, 8, 6, 9, 7, 1, 5, 1, 1);
    assertThat(batch.lengths()).containsExactly(5, 3);
    assertThat(batch.contexts()).containsExactly(0, 1);
    assertThat(batch.counted())
        .containsExactly(false, true, false, true, false, false, false, true, false, false);
    assertThat(batch.countedTokens()).isEqualTo(3);
  }

  @Test
  void noRowsAreAnEmptyBatch() {
    TokenBatch batch = TokenBatch.of(new int[0][], new SpecialTokens(List.of(), List.of()));
    assertThat(batch.ids()).isEmpty();
    assertThat(batch.countedTokens()).isZero();
  }
}
