package dev.loupe.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ranks over the loopback: what they compute together, and what they say when one is not there. */
@ExtendWith(LeakCheck.class)
final class CollectivesTest {
  private static final Duration SHORT = Duration.ofSeconds(4);

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void sumsAreThoseOfAllRanks(int size) {
    List<double[]> sums =
        RankThreads.run(
            size,
            world -> {
              try (TensorScope _ = TensorScope.open()) {
                Tensor own = Tensors.of(new double[] {world.rank(), 1, 0.5}, 3);
                return world.sumInPlace(own).doubles();
              }
            });
    double ranks = size * (size - 1) / 2.0;
    assertThat(sums).allSatisfy(sum -> assertThat(sum).containsExactly(ranks, size, 0.5 * size));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void aGatheringIsInTheOrderOfTheRanks(int size) {
    List<long[]> all =
        RankThreads.run(
            size,
            world -> {
              try (TensorScope _ = TensorScope.open()) {
                Tensor own = Tensors.of(new long[] {world.rank(), 10L + world.rank()}, 1, 2);
                Tensor gathered = world.gather(own);
                assertThat(gathered.shape()).containsExactly(size, 1, 2);
                return gathered.longs();
              }
            });
    long[] expected = LongStream.range(0, size).flatMap(r -> LongStream.of(r, 10 + r)).toArray();
    assertThat(all).allSatisfy(got -> assertThat(got).containsExactly(expected));
  }

  @Test
  void aBroadcastAndAMessageArrive() {
    List<double[]> got =
        RankThreads.run(
            3,
            world -> {
              try (TensorScope _ = TensorScope.open()) {
                Tensor all = Tensors.of(new double[] {world.rank()}, 1);
                world.broadcastInPlace(all, 1);
                Tensor one = Tensors.of(new double[] {10 + world.rank()}, 1);
                if (world.rank() == 2) {
                  world.send(one, 0);
                } else if (world.rank() == 0) {
                  world.receiveInto(one, 2);
                }
                world.barrier();
                return new double[] {all.item(), one.item()};
              }
            });
    assertThat(got.get(0)).containsExactly(1, 12);
    assertThat(got.get(1)).containsExactly(1, 11);
    assertThat(got.get(2)).containsExactly(1, 12);
  }

  @Test
  void groupsOfSomeRanksSumApart() {
    List<Double> sums =
        RankThreads.run(
            4,
            world -> {
              List<Integer> some = world.rank() < 2 ? List.of(0, 1) : List.of(2, 3);
              try (Collectives group = world.among("half" + some.getFirst(), some)) {
                assertThat(group.ranks()).isEqualTo(some);
                return group.sum(world.rank())[0];
              }
            });
    assertThat(sums).containsExactly(1.0, 1.0, 5.0, 5.0);
  }

  @Test
  void trafficIsTheFormulas() {
    List<List<Long>> sent =
        RankThreads.run(
            4,
            world -> {
              try (TensorScope _ = TensorScope.open()) {
                Tensor thousand = Tensors.zeros(DType.F32, Device.CPU, 250);
                return List.of(
                    sentBy(world, () -> world.sumInPlace(thousand)),
                    sentBy(world, () -> world.gather(thousand)),
                    sentBy(world, () -> world.broadcastInPlace(thousand, 0)));
              }
            });
    assertThat(sent).extracting(bytes -> bytes.subList(0, 2)).containsOnly(List.of(1_500L, 3_000L));
    // 0 sends to 1 and 2, and 1 to 3; or 0 to 2 and 1, and 2 to 3
    assertThat(sent.stream().mapToLong(List::getLast).sum()).isEqualTo(3_000);
    assertThat(sent.getFirst().getLast()).isEqualTo(2_000);
  }

  private static long sentBy(Collectives world, Runnable action) {
    long before = world.traffic().bytes();
    action.run();
    return world.traffic().bytes() - before;
  }

  /** One that leaves with a reason is named with it, by all others; 0 holds the store. */
  @ParameterizedTest
  @ValueSource(ints = {1, 0})
  void whoLeavesIsNamedWithItsReason(int leaving) {
    int port = RankThreads.freePort();
    List<CompletableFuture<String>> others =
        IntStream.range(0, 3)
            .filter(rank -> rank != leaving)
            .mapToObj(rank -> RankThreads.start(() -> sumUntilItFails(rank, port)))
            .toList();
    RankThreads.start(
            () -> {
              Collectives world = join(leaving, port);
              world.sum(1);
              world.leave("the corpus ends");
              world.close();
              return "";
            })
        .join();
    assertThat(others)
        .extracting(CompletableFuture::join)
        .allSatisfy(message ->
            assertThat(message)
                .contains("rank %d has left: the corpus ends".formatted(leaving))
                .contains("4 s"));
  }

  private static String sumUntilItFails(int rank, int port) {
    try (Collectives world = join(rank, port)) {
      world.sum(1);
      world.sum(1);
      return "no failure";
    } catch (RankFailureException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static Collectives join(int rank, int port) {
    return Collectives.join(RankThreads.rendezvous(rank, 3, port, SHORT), Device.CPU);
  }

  @Test
  void whoDoesNotStartIsNamed() {
    int port = RankThreads.freePort();
    List<CompletableFuture<Boolean>> there =
        IntStream.of(0, 2)
            .mapToObj(rank ->
                RankThreads.start(() -> {
                  assertThatThrownBy(() -> join(rank, port))
                      .isInstanceOf(RankFailureException.class)
                      .hasMessageContaining("rank 1 of 3 did not start within 4 s");
                  return true;
                }))
            .toList();
    assertThat(there).allSatisfy(rank -> assertThat(rank.join()).isTrue());
  }

  /** All are there, but one waits for something else. */
  @Test
  void whoIsElsewhereIsNamed() {
    int port = RankThreads.freePort();
    CompletableFuture<Boolean> slow = new CompletableFuture<>();
    CompletableFuture<Boolean> last =
        RankThreads.start(() -> {
          try (Collectives world = join(2, port)) {
            world.sum(1);
            return slow.join();
          }
        });
    List<CompletableFuture<String>> others =
        IntStream.of(0, 1)
            .mapToObj(rank -> RankThreads.start(() -> sumUntilItFails(rank, port)))
            .toList();
    List<String> messages = others.stream().map(CompletableFuture::join).toList();
    slow.complete(true);
    assertThat(last.join()).isTrue();
    assertThat(messages).anySatisfy(m -> assertThat(m).contains("rank 2 at sum 1"));
  }

  @Test
  void torchrunsEnvironmentIsRead() {
    Map<String, String> environment =
        Map.of(
            "RANK",
            "3",
            "WORLD_SIZE",
            "8",
            "LOCAL_RANK",
            "1",
            "MASTER_ADDR",
            "node-0",
            "MASTER_PORT",
            "29500",
            "TORCHELASTIC_USE_AGENT_STORE",
            "True");
    assertThat(Rendezvous.of(environment, SHORT))
        .isEqualTo(new Rendezvous(3, 8, 1, "node-0", 29_500, true, "0", "", SHORT));
    assertThatThrownBy(() -> Rendezvous.of(Map.of("RANK", "0"), SHORT))
        .hasMessageContaining("none for WORLD_SIZE");
    assertThatThrownBy(() -> Rendezvous.of(Map.of("RANK", "4", "WORLD_SIZE", "4"), SHORT))
        .hasMessageContaining("MASTER_ADDR");
  }

  @Test
  void aloneEverythingIsWhatItWas() {
    Collectives alone = Collectives.alone();
    assertThat(alone.sum(2.5)).containsExactly(2.5);
    try (TensorScope _ = TensorScope.open()) {
      Tensor own = Tensors.of(new double[] {1, 2}, 2);
      assertThat(alone.gather(own).shape()).containsExactly(1, 2);
      assertThat(alone.sumInPlace(own)).isSameAs(own);
    }
    assertThat(alone.traffic().bytes()).isZero();
  }
}
