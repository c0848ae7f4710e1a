package dev.loupe.activation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ShuffleBufferTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 64, 1009})
  void everySlotIsTakenOnceAndThenFree(int capacity) {
    ShuffleBuffer buffer = new ShuffleBuffer(capacity, 0);
    for (int round = 0; round < 3; round++) {
      int[] admitted = admit(buffer, capacity);
      buffer.shuffle();
      int[] taken = buffer.take(capacity + 5);
      assertThat(taken).containsExactlyInAnyOrder(admitted);
      assertThat(buffer.live()).isZero();
      assertThat(buffer.room()).isEqualTo(capacity);
    }
  }

  @Test
  void liveSlotsStayLiveThroughARefill() {
    ShuffleBuffer buffer = new ShuffleBuffer(100, 0);
    admit(buffer, 100);
    buffer.shuffle();
    int[] first = buffer.take(60);
    assertThat(buffer.needsRefill()).isTrue();
    int[] rest = buffer.peek(40);
    int[] admitted = admit(buffer, 60);
    assertThat(admitted).containsExactlyInAnyOrder(first);
    buffer.shuffle();
    assertThat(buffer.take(100))
        .containsExactlyInAnyOrder(
            IntStream.concat(Arrays.stream(rest), Arrays.stream(admitted)).toArray());
  }

  @Test
  void shufflesBySeed() {
    int[] a = shuffled(1);
    assertThat(shuffled(1)).containsExactly(a);
    assertThat(shuffled(2)).isNotEqualTo(a);
  }

  /** Each place is as likely for each slot: chi-squared over many seeds. */
  @Test
  void shufflesEvenly() {
    int[][] counts = new int[8][8];
    int rounds = 8_000;
    for (int seed = 0; seed < rounds; seed++) {
      ShuffleBuffer buffer = new ShuffleBuffer(8, seed);
      admit(buffer, 8);
      buffer.shuffle();
      int[] order = buffer.take(8);
      for (int place = 0; place < 8; place++) {
        counts[place][order[place]]++;
      }
    }
    double expected = rounds / 8.0;
    double chiSquared =
        Arrays.stream(counts)
            .flatMapToInt(Arrays::stream)
            .mapToDouble(count -> (count - expected) * (count - expected) / expected)
            .sum();
    assertThat(chiSquared).isLessThan(49 + 5 * Math.sqrt(2 * 49)); // 49 degrees of freedom
  }

  @Test
  void refusesMoreThanThereIsRoomFor() {
    ShuffleBuffer buffer = new ShuffleBuffer(3, 0);
    assertThatThrownBy(() -> buffer.reserve(4)).hasMessageContaining("room for 4 rows, got 3");
  }

  private static int[] admit(ShuffleBuffer buffer, int rows) {
    int[] slots = buffer.reserve(rows);
    buffer.admit(slots);
    return slots;
  }

  private static int[] shuffled(long seed) {
    ShuffleBuffer buffer = new ShuffleBuffer(50, seed);
    admit(buffer, 50);
    buffer.shuffle();
    return buffer.take(50);
  }
}
