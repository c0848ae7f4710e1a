package dev.loupe.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What must meet waits at a barrier: a team that leaves a member idle breaks it, or times out. */
@Timeout(60)
@ExtendWith(LeakCheck.class)
final class TeamTest {
  @AfterEach
  void oneThreadAgain() {
    Torch.start(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void resultsStandInTheOrderOfTheItems(int threads) {
    Torch.start(threads);
    for (int size : new int[] {0, 1, 2, threads, 1_009}) {
      List<Integer> items = items(size);
      assertThat(Team.map(items, i -> i * i)).isEqualTo(items.stream().map(i -> i * i).toList());
    }
  }

  @Test
  void callerAndWorkersShareTheItems() {
    Torch.start(3);
    CyclicBarrier all = new CyclicBarrier(3);
    Set<String> members = ConcurrentHashMap.newKeySet();
    Team.forEach(
        items(3),
        _ -> {
          meet(all);
          members.add(Thread.currentThread().getName());
        });
    assertThat(members)
        .containsExactlyInAnyOrder(Thread.currentThread().getName(), "compute-1", "compute-2");
  }

  @Test
  void withOneThreadTheCallerDoesAllInOrder() {
    checkThatTheCallerDoesAll();
  }

  private static void checkThatTheCallerDoesAll() {
    List<Integer> done = new ArrayList<>();
    Thread caller = Thread.currentThread();
    Team.forEach(
        items(50),
        i -> {
          assertThat(Thread.currentThread()).isSameAs(caller);
          done.add(i);
        });
    assertThat(done).isEqualTo(items(50));
  }

  @Test
  void aFreeWorkerHelpsWithTheSplitOfALoneItem() {
    Torch.start(2);
    CyclicBarrier both = new CyclicBarrier(2);
    Team.forEach(items(1), _ -> Team.forEach(items(2), _ -> meet(both)));
  }

  @Test
  void aMemberThatWaitsHelpsWithWhatItWaitsFor() {
    Torch.start(2);
    Thread caller = Thread.currentThread();
    CyclicBarrier begun = new CyclicBarrier(2);
    CyclicBarrier both = new CyclicBarrier(2);
    Team.forEach(
        items(2),
        _ -> {
          meet(begun);
          if (Thread.currentThread() != caller) {
            Team.forEach(items(2), _ -> meet(both)); // by then the caller waits for this item
          }
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void deepNestingGivesTheSameResults(int threads) {
    long alone = tree(7, 0);
    Torch.start(threads);
    for (int round = 0; round < 20; round++) {
      AtomicInteger done = new AtomicInteger();
      List<Team.Task> tasks =
          items(5).stream()
              .map(_ -> Team.background(() -> done.addAndGet((int) tree(2, 1))))
              .toList();
      assertThat(tree(7, 0)).isEqualTo(alone);
      tasks.forEach(Team::await);
      assertThat(done).hasValue(5 * (int) tree(2, 1));
    }
  }

  /** Splits into one to four parts, down to a depth. */
  private static long tree(int depth, int key) {
    int parts = 1 + new SeededRandom(7, "parts").below(31L * depth + key, 4);
    return depth == 0
        ? key
        : Team.map(items(parts), i -> tree(depth - 1, 4 * key % 1_000 + i)).stream()
            .mapToLong(Long::longValue)
            .reduce(depth, (a, b) -> 31 * a % 1_000_003 + b);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void theFirstFailureByOrderIsThrownWhenAllAreDone(int threads) {
    Torch.start(threads);
    AtomicInteger done = new AtomicInteger();
    assertThatThrownBy(() ->
            Team.forEach(
                items(100),
                i -> {
                  done.incrementAndGet();
                  if (i % 30 == 17) {
                    throw new IllegalStateException("item " + i);
                  }
                }))
        .hasMessage("item 17");
    assertThat(done).hasValue(100);
    assertThat(Team.map(items(3), i -> i)).containsExactly(0, 1, 2);
  }

  @Test
  void errorsReachTheCaller() {
    Torch.start(2);
    assertThatThrownBy(() ->
            Team.forEach(
                items(4),
                _ ->
                    Team.forEach(
                        items(4),
                        _ -> {
                          throw new StackOverflowError("deep");
                        })))
        .isInstanceOf(StackOverflowError.class)
        .hasMessage("deep");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aPieceStartsWithoutAScope(int threads) {
    Torch.start(threads);
    List<Tensor> made;
    try (TensorScope _ = TensorScope.open()) {
      made = Team.map(items(5), i -> Tensors.range(i, DType.I64, Device.CPU));
    }
    assertThat(made).allMatch(tensor -> tensor.longs().length == tensor.elements());
    made.forEach(Tensor::close);
  }

  @Test
  void anInterruptIsKeptAndEverythingIsDone() {
    Torch.start(2);
    Thread.currentThread().interrupt();
    AtomicInteger done = new AtomicInteger();
    Team.forEach(items(200), _ -> done.incrementAndGet());
    Team.await(Team.background(done::incrementAndGet));
    assertThat(Thread.interrupted()).isTrue();
    assertThat(done).hasValue(201);
  }

  @Test
  void fewerThreadsSendWorkersHome() {
    Torch.start(4);
    CyclicBarrier four = new CyclicBarrier(4);
    Team.forEach(items(4), _ -> meet(four));
    Torch.start(1);
    checkThatTheCallerDoesAll();
    Torch.start(2);
    CyclicBarrier two = new CyclicBarrier(2);
    Team.forEach(items(2), _ -> meet(two));
  }

  @Test
  void withOneThreadTasksAreDoneWhenAwaitedInOrder() {
    List<Integer> done = new ArrayList<>();
    List<Team.Task> tasks = items(4).stream().map(i -> Team.background(() -> done.add(i))).toList();
    assertThat(done).isEmpty();
    Team.await(tasks.get(1));
    assertThat(done).containsExactly(0, 1);
    Team.await(tasks.get(0));
    Team.await(tasks.get(3));
    assertThat(done).containsExactly(0, 1, 2, 3);
  }

  @Test
  void aWorkerDoesTasksInOrderWithoutBeingAwaited() {
    Torch.start(2);
    List<Integer> done = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch all = new CountDownLatch(20);
    for (int i : items(20)) {
      Team.background(() -> {
        done.add(i);
        all.countDown();
      });
    }
    await(all);
    assertThat(done).isEqualTo(items(20));
  }

  @Test
  void oneTaskAtMostIsDoneBeforeAnItem() {
    Torch.start(2);
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    AtomicInteger tasksDone = new AtomicInteger();
    List<Team.Task> tasks = new ArrayList<>();
    tasks.add(
        Team.background(() -> {
          begun.countDown();
          await(release);
          tasksDone.incrementAndGet();
        }));
    for (int i = 0; i < 10; i++) {
      tasks.add(Team.background(tasksDone::incrementAndGet));
    }
    await(begun);
    CyclicBarrier both = new CyclicBarrier(2);
    List<Integer> seen =
        Team.map(
            items(2),
            _ -> {
              release.countDown();
              meet(both);
              int before = tasksDone.get();
              meet(both);
              return before;
            });
    assertThat(seen).containsExactly(1, 1);
    tasks.forEach(Team::await);
    assertThat(tasksDone).hasValue(11);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aTasksFailureIsThrownByAwaitAlone(int threads) {
    Torch.start(threads);
    Team.Task bad =
        Team.background(() -> {
          throw new IllegalStateException("bad task");
        });
    Team.Task good = Team.background(() -> {});
    Team.await(good);
    assertThatThrownBy(() -> Team.await(bad)).hasMessage("bad task");
    Team.cancel(bad);
  }

  @Test
  void aCancelledTaskIsNotDoneOrIsOver() {
    AtomicInteger done = new AtomicInteger();
    Team.Task waiting = Team.background(done::incrementAndGet);
    Team.cancel(waiting);
    Team.await(waiting);
    assertThat(done).hasValue(0);
    Torch.start(2);
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    Team.Task running =
        Team.background(() -> {
          begun.countDown();
          await(release);
          done.incrementAndGet();
        });
    await(begun);
    Thread.startVirtualThread(release::countDown);
    Team.cancel(running);
    assertThat(done).hasValue(1);
  }

  private static List<Integer> items(int size) {
    return IntStream.range(0, size).boxed().toList();
  }

  private static void meet(CyclicBarrier barrier) {
    try {
      barrier.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
      throw new IllegalStateException("expected the others here", e);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
