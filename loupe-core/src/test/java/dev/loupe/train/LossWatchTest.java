package dev.loupe.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class LossWatchTest {
  @Test
  void nothingIsUsualBeforeThereAreEnough() {
    LossWatch watch = new LossWatch(List.of());
    for (int i = 0; i < LossWatch.NEEDED - 1; i++) {
      watch.add(1);
      assertThat(watch.usual()).isInfinite();
    }
    watch.add(1);
    assertThat(watch.usual()).isOne();
  }

  @Test
  void theUsualIsTheMedianOfTheLastOnes() {
    LossWatch watch = new LossWatch(List.of());
    for (int i = 0; i < 100; i++) {
      watch.add(100 - i);
    }
    watch.add(1e9);
    assertThat(watch.losses()).hasSize(LossWatch.WINDOW).startsWith(63.0).endsWith(1e9);
    assertThat(watch.usual()).isEqualTo(33); // 1 .. 63 and the spike
    assertThat(new LossWatch(watch.losses()).usual()).isEqualTo(watch.usual());
  }
}
