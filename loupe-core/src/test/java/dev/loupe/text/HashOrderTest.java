package dev.loupe.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class HashOrderTest {
  @Test
  void sortsByAllBitsOfTheKeyAndKeepsTheOrderOfEqualOnes() {
    long[] keys = {HashOrder.KEYS - 1, 5, 0, 5, 1L << 32, (1L << 32) - 1, 0};
    assertThat(HashOrder.sorted(keys.length, i -> keys[i])).containsExactly(2, 6, 1, 3, 5, 4, 0);
    assertThat(HashOrder.sorted(0, i -> 0)).isEmpty();
  }

  @Test
  void keysAreSpreadEvenly() {
    int[] quarters = new int[4];
    for (int row = 0; row < 40_000; row++) {
      long key = HashOrder.key(1, 'd', 0, 0, row);
      assertThat(key).isBetween(0L, HashOrder.KEYS - 1);
      quarters[(int) (key / (HashOrder.KEYS / 4))]++;
    }
    assertThat(Arrays.stream(quarters)).allMatch(count -> count > 9_600 && count < 10_400);
  }

  @Test
  void everySeedHasItsOrder() {
    int[] one = HashOrder.sorted(100, i -> HashOrder.key(1, i));
    assertThat(one).isNotEqualTo(HashOrder.sorted(100, i -> HashOrder.key(2, i)));
    assertThat(one).containsExactlyInAnyOrder(IntStream.range(0, 100).toArray());
  }
}
