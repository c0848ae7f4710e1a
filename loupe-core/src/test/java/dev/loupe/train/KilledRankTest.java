package dev.loupe.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loupe.files.ChildJvm;
import dev.loupe.tensor.Collectives;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.RankFailureException;
import dev.loupe.tensor.RankThreads;
import dev.loupe.tensor.Rendezvous;
import dev.loupe.tensor.Torch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ranks in JVMs of their own, one of which is killed (SIGKILL) while all train. */
final class KilledRankTest {
  private static final int RANKS = 3;
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final String EVENT = "event: ";
  private static final int NAMED = 7;

  @TempDir private Path folder;

  /** Rank 0 is the one that holds the store where the others look for signs of life. */
  @ParameterizedTest
  @ValueSource(ints = {1, 0})
  void theOthersEndAndNameIt(int killed) throws IOException {
    int port = RankThreads.freePort();
    List<Process> ranks = new ArrayList<>();
    try {
      for (int rank = 0; rank < RANKS; rank++) {
        ranks.add(start(rank, port));
      }
      List<CompletableFuture<List<String>>> outputs = new ArrayList<>();
      for (int rank = 0; rank < RANKS; rank++) {
        Process own = ranks.get(rank);
        int events = rank == killed ? 5 : Integer.MAX_VALUE;
        CompletableFuture<List<String>> output = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> output.complete(output(own, events)));
        outputs.add(output);
      }
      for (int rank = 0; rank < RANKS; rank++) {
        String said = String.join("\n", outputs.get(rank).join());
        int code = ranks.get(rank).onExit().join().exitValue();
        assertThat(code).as(said).isEqualTo(rank == killed ? 128 + 9 : NAMED);
        if (rank != killed) {
          assertThat(said).contains("rank %d is missing".formatted(killed)).contains(EVENT);
        }
      }
    } finally {
      ranks.forEach(Process::destroyForcibly);
    }
  }

  private Process start(int rank, int port) throws IOException {
    ProcessBuilder builder = ChildJvm.brief(Child.class, folder.resolve("suite").toString());
    builder
        .environment()
        .putAll(
            Map.of(
                "RANK", "" + rank,
                "WORLD_SIZE", "" + RANKS,
                "MASTER_ADDR", "127.0.0.1",
                "MASTER_PORT", "" + port));
    return builder.start();
  }

  /** What a process says; it is killed after so many events. */
  private static List<String> output(Process process, int events) {
    List<String> output = new ArrayList<>();
    AtomicInteger left = new AtomicInteger(events);
    try {
      ChildJvm.watch(
          process,
          line -> line.startsWith(EVENT + "training") && left.decrementAndGet() == 0,
          output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return output;
  }

  /** One rank, as torchrun starts it. */
  static final class Child {
    private Child() {}

    public static void main(String[] arguments) {
      Torch.start(1);
      try (Collectives world =
              Collectives.join(Rendezvous.of(System.getenv(), DEADLINE), Device.CPU);
          Grid grid = Grid.of(world, Grid.Shape.parse("data", world.size()))) {
        var _ =
            SmallRun.in(Path.of(arguments[0]))
                .trainOn(
                    grid,
                    (what, done, _) -> System.out.println(EVENT + what + " " + done),
                    () -> false);
      } catch (RankFailureException e) {
        System.out.println(e.getMessage());
        System.out.flush();
        System.exit(NAMED);
      }
    }
  }
}
