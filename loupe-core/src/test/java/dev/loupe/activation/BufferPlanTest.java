package dev.loupe.activation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loupe.tensor.SeededRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BufferPlanTest {
  private static final int BATCHES = 60;

  /** A row of the corpus. */
  private record Row(int batch, int row) {}

  /** The paper's rule and nothing else: no slots, no reserving, refilled when half is used up. */
  private static List<Row> reference(int[] counts, int capacity, int step, int steps) {
    List<Row> live = new ArrayList<>();
    List<Row> taken = new ArrayList<>();
    int batch = 0;
    int shuffles = 0;
    for (int i = 0; i < steps; i++) {
      if (live.size() < capacity / 2
          && batch < counts.length
          && live.size() + counts[batch] <= capacity) {
        for (; batch < counts.length && live.size() + counts[batch] <= capacity; batch++) {
          for (int row = 0; row < counts[batch]; row++) {
            live.add(new Row(batch, row));
          }
        }
        SeededRandom random = new SeededRandom(3, "shuffle " + shuffles++);
        for (int j = live.size() - 1; j > 0; j--) {
          live.set(j, live.set(random.below(j, j + 1), live.get(j)));
        }
      }
      int count = Math.min(step, live.size());
      taken.addAll(live.subList(0, count));
      live.subList(0, count).clear();
    }
    return taken;
  }

  /** What is in each slot, as the stream's fills put it there. */
  private static final class Slots {
    private final Row[] rows;
    private final BufferPlan plan;

    Slots(int[] counts, int capacity) {
      rows = new Row[capacity];
      plan = new BufferPlan(counts.length, batch -> counts[batch], capacity, 3, 1);
    }

    void fill(BufferPlan.Fill fill) {
      for (int i = 0; i < fill.slots().length; i++) {
        rows[fill.slots()[i]] = new Row(fill.batch(), fill.rows()[i]);
      }
    }

    void refill() {
      if (plan.needsRefill()) {
        plan.reserve().forEach(this::fill);
        plan.admit();
      }
    }

    List<Row> take(int step) {
      return Arrays.stream(plan.take(step)).mapToObj(slot -> rows[slot]).toList();
    }
  }

  /** Norms are measured, the buffer is filled, a run is resumed: none may change the order. */
  @Test
  void askingAgainChangesNothingWhereTheNextBatchDoesNotFit() {
    Slots slots = new Slots(new int[] {30, 60, 10}, 80);
    slots.refill();
    int[] order = slots.plan.peek(80);
    assertThat(order).hasSize(30);
    assertThat(slots.plan.needsRefill()).isFalse();
    slots.refill();
    assertThat(slots.plan.peek(80)).isEqualTo(order);
    slots.take(10); // now it fits
    assertThat(slots.plan.needsRefill()).isTrue();
  }

  private static int[] counts(long seed) {
    SeededRandom random = new SeededRandom(seed, "counts");
    return IntStream.range(0, BATCHES).map(i -> 1 + random.below(i, 40)).toArray();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void reservingEarlyChangesNothing(long seed) {
    int[] counts = counts(seed);
    int capacity = 80 + 17 * (int) seed;
    int step = 3 + 5 * (int) seed;
    int steps = Arrays.stream(counts).sum() / step + 2;
    Slots slots = new Slots(counts, capacity);
    List<Row> taken = new ArrayList<>();
    for (int i = 0; i < steps; i++) {
      slots.refill();
      taken.addAll(slots.take(step));
      slots.plan.reserve().forEach(slots::fill); // at once: whatever is not free gets overwritten
    }
    assertThat(taken).isEqualTo(reference(counts, capacity, step, steps));
    assertThat(taken).doesNotHaveDuplicates().hasSize(Arrays.stream(counts).sum());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 30, 61})
  void aReplayGoesOnAsIfNothingHadHappened(int skipped) {
    int[] counts = counts(9);
    int steps = Arrays.stream(counts).sum() / 11 + 2;
    Slots slots = new Slots(counts, 150);
    for (int i = 0; i < skipped; i++) {
      if (slots.plan.needsRefill()) {
        slots.plan.reserve();
        slots.plan.admit();
      }
      slots.plan.take(11);
      slots.plan.reserve();
    }
    slots.plan.live().forEach(slots::fill);
    slots.plan.reserved().forEach(slots::fill);
    List<Row> taken = new ArrayList<>();
    for (int i = skipped; i < steps; i++) {
      slots.refill();
      taken.addAll(slots.take(11));
      slots.plan.reserve().forEach(slots::fill);
    }
    List<Row> all = reference(counts, 150, 11, steps);
    assertThat(taken).isEqualTo(all.subList(Math.min(11 * skipped, all.size()), all.size()));
  }

  @Test
  void reservesWhatFitsAsSoonAsItFits() {
    BufferPlan plan = new BufferPlan(4, _ -> 40, 100, 0, 1);
    assertThat(plan.reserve()).extracting(BufferPlan.Fill::batch).containsExactly(0, 1);
    plan.admit();
    plan.take(19);
    assertThat(plan.reserve()).isEmpty();
    plan.take(1);
    assertThat(plan.reserve()).extracting(BufferPlan.Fill::batch).containsExactly(2);
    assertThat(plan.needsRefill()).isFalse();
    plan.take(11);
    assertThat(plan.needsRefill()).isTrue();
    assertThat(plan.reserve()).isEmpty();
    assertThat(plan.reserved()).hasSize(1);
  }

  @Test
  void aBatchThatNeverFitsIsRefused() {
    BufferPlan plan = new BufferPlan(4, _ -> 40, 30, 0, 1);
    assertThat(plan.reserve()).isEmpty();
    assertThatThrownBy(plan::admit)
        .hasMessageContaining("a batch of 40 tokens, got room for 30; raise --buffer-bytes");
  }

  /** Ranks have nearly as much, and never more than their part and a batch. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 7})
  void ranksShareTheBuffer(int ranks) {
    int[] counts = counts(11);
    int capacity = 300;
    BufferPlan plan = new BufferPlan(counts.length, batch -> counts[batch], capacity, 3, ranks);
    int[] taken = new int[ranks];
    for (int left = Arrays.stream(counts).sum(); left > 0; ) {
      if (plan.needsRefill()) {
        plan.reserve();
        plan.admit();
      }
      int[] held = new int[ranks];
      plan.live().forEach(fill -> held[plan.rankOfBatch(fill.batch())] += fill.slots().length);
      plan.reserved().forEach(fill -> held[plan.rankOfBatch(fill.batch())] += fill.slots().length);
      assertThat(Arrays.stream(held).max().orElseThrow())
          .isLessThanOrEqualTo(Math.ceilDiv(capacity, ranks) + 40);
      int[] slots = plan.take(16);
      Arrays.stream(slots).forEach(slot -> taken[plan.rankOfSlot(slot)]++);
      left -= slots.length;
      plan.reserve();
    }
    int mean = Arrays.stream(counts).sum() / ranks;
    assertThat(Arrays.stream(taken).min().orElseThrow()).isGreaterThan(mean - 60);
  }
}
