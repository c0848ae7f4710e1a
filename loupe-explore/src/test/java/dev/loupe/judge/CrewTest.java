package dev.loupe.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class CrewTest {
  private static final List<Integer> THINGS = IntStream.range(0, 100).boxed().toList();

  @Test
  void doesEachOnceAndSoManyAtATime() {
    Set<Integer> done = new ConcurrentSkipListSet<>();
    AtomicInteger under = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    Crew.each(
        THINGS,
        7,
        () -> false,
        thing -> {
          most.accumulateAndGet(under.incrementAndGet(), Math::max);
          assertThat(done.add(thing)).isTrue();
          under.decrementAndGet();
        });
    assertThat(done).hasSize(100);
    assertThat(most.get()).isBetween(1, 7);
    Crew.each(List.of(), 7, () -> false, _ -> {});
  }

  @Test
  void theFirstFailureInterruptsTheRest() {
    AtomicInteger interrupted = new AtomicInteger();
    AtomicInteger begun = new AtomicInteger();
    assertThatThrownBy(() ->
            Crew.each(
                THINGS,
                4,
                () -> false,
                thing -> {
                  begun.incrementAndGet();
                  if (thing == 3) {
                    throw new IllegalArgumentException("three");
                  }
                  waitForever(interrupted);
                }))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("three");
    assertThat(interrupted.get()).isEqualTo(begun.get() - 1);
  }

  @Test
  void aStopInterruptsAll() {
    AtomicInteger interrupted = new AtomicInteger();
    AtomicInteger begun = new AtomicInteger();
    assertThatThrownBy(() ->
            Crew.each(
                THINGS,
                4,
                () -> begun.get() >= 4,
                _ -> {
                  begun.incrementAndGet();
                  waitForever(interrupted);
                }))
        .isInstanceOf(CancellationException.class)
        .hasMessageContaining("the same command goes on");
    assertThat(interrupted.get()).isEqualTo(4);
  }

  private static void waitForever(AtomicInteger interrupted) {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      interrupted.incrementAndGet();
      Thread.currentThread().interrupt();
    }
  }
}
