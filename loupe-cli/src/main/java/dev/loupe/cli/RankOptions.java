package dev.loupe.cli;

import dev.loupe.tensor.Collectives;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Rendezvous;
import dev.loupe.train.Grid;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which ranks work together, of those that torchrun or a shell has started with one command. */
@Heading("Several processes")
final class RankOptions {
  @Option(
      names = "--ranks",
      paramLabel = "GRID",
      description =
          "train each dictionary on all processes that RANK, WORLD_SIZE, MASTER_ADDR and"
              + " MASTER_PORT name, as torchrun sets them: data (each has some of the tokens),"
              + " features (each has some of the features) or RxC, R rows that share the tokens of"
              + " C columns that share the features")
  private @Nullable String ranks;

  @Option(
      names = "--rank-timeout",
      paramLabel = "TIME",
      defaultValue = "10min",
      description =
          "the longest wait for other ranks, such as 90s, after which a run ends and names those"
              + " that are missing (default: ${DEFAULT-VALUE})")
  private String timeout = "10min";

  /** Whether there may be others. */
  boolean areWanted() {
    return ranks != null;
  }

  Rendezvous rendezvous() {
    return Rendezvous.of(System.getenv(), time(timeout));
  }

  /** Waits for the others and does something with them; a failure is told to them. */
  int with(Rendezvous rendezvous, Device device, Function<Grid, Integer> action) {
    Grid.Shape shape = Grid.Shape.parse(String.valueOf(ranks), rendezvous.size());
    // Gloo writes to standard output whom it has connected to
    Joined joined = Descriptors.withoutOutput(() -> Joined.to(rendezvous, device, shape));
    try (joined) {
      try {
        return action.apply(joined.grid);
      } catch (RuntimeException | Error e) {
        joined.all.leave(e.getMessage() == null ? e.toString() : e.getMessage());
        throw e;
      }
    }
  }

  private record Joined(Collectives all, Grid grid) implements AutoCloseable {
    static Joined to(Rendezvous rendezvous, Device device, Grid.Shape shape) {
      Collectives all = Collectives.join(rendezvous, device);
      try {
        return new Joined(all, Grid.of(all, shape));
      } catch (RuntimeException | Error e) {
        all.close();
        throw e;
      }
    }

    @Override
    public void close() {
      grid.close();
      all.close();
    }
  }

  private static Duration time(String text) {
    return TimeText.parse(text)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "expected a time such as 90s, 10min or 1h as --rank-timeout, got '" + text + "'"));
  }
}
