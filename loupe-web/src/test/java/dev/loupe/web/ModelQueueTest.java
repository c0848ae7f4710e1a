package dev.loupe.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loupe.inference.SuiteModel;
import dev.loupe.model.ModelFolder;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Work waits in order, too much is refused, and what nobody wants is not done. */
final class ModelQueueTest {
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch free = new CountDownLatch(1);
  private final List<Integer> done = Collections.synchronizedList(new ArrayList<>());

  /** The model's files are read, and nothing is loaded. */
  private static SuiteModel open() {
    return SuiteModel.open(
        ServedSuite.suite(), ModelFolder.resolve("demo"), false, DType.F32, Device.CPU, 1);
  }

  private ModelQueue.Job work(ModelQueue queue, int number) {
    return queue.submit((_, job) -> {
      begun.countDown();
      await(free);
      done.add(number);
      job.give(number);
    });
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void waitsRefusesAndForgets() throws InterruptedException {
    try (ModelQueue queue = new ModelQueue(ModelQueueTest::open)) {
      ModelQueue.Job first = work(queue, 0);
      await(begun);
      List<ModelQueue.Job> waiting =
          IntStream.rangeClosed(1, ModelQueue.WAITING).mapToObj(i -> work(queue, i)).toList();
      assertThatThrownBy(() -> work(queue, 99))
          .isInstanceOfSatisfying(
              BusyException.class, e -> assertThat(e.retryAfterSeconds()).isBetween(1, 60));
      waiting.get(2).cancel();
      free.countDown();
      assertThat(first.next(60_000)).isEqualTo(new ModelQueue.Event(0, null, false));
      ModelQueue.Job last = waiting.getLast();
      assertThat(last.next(60_000)).isEqualTo(new ModelQueue.Event(8, null, false));
      assertThat(last.next(60_000)).isEqualTo(new ModelQueue.Event(null, null, true));
      assertThat(done).containsExactly(0, 1, 2, 4, 5, 6, 7, 8);
    }
  }

  @Test
  void aFailureIsTheLastEvent() throws InterruptedException {
    try (ModelQueue queue = new ModelQueue(ModelQueueTest::open)) {
      IllegalArgumentException wrong = new IllegalArgumentException("wrong");
      ModelQueue.Job job =
          queue.submit((_, _) -> {
            throw wrong;
          });
      assertThat(job.next(60_000)).isEqualTo(new ModelQueue.Event(null, wrong, true));
    }
  }
}
