package dev.loupe.tensor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.Supplier;

/** Ranks as threads of this process, over the loopback. */
public final class RankThreads {
  static final Duration DEADLINE = Duration.ofSeconds(30);

  private RankThreads() {}

  /** A port that is free now. */
  public static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Rendezvous rendezvous(int rank, int size, int port, Duration deadline) {
    return new Rendezvous(rank, size, rank, "127.0.0.1", port, false, "0", "", deadline);
  }

  /** Runs the same on each of so many ranks; what each gives, in their order. */
  public static <T> List<T> run(int size, Function<Collectives, T> action) {
    int port = freePort();
    List<CompletableFuture<T>> results = new ArrayList<>();
    for (int rank = 0; rank < size; rank++) {
      int own = rank;
      results.add(
          start(() -> {
            try (Collectives world =
                Collectives.join(rendezvous(own, size, port, DEADLINE), Device.CPU)) {
              try {
                return action.apply(world);
              } catch (RuntimeException | Error e) {
                world.leave(String.valueOf(e.getMessage()));
                throw e;
              }
            }
          }));
    }
    return results.stream().map(RankThreads::result).toList();
  }

  static <T> CompletableFuture<T> start(Supplier<T> action) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          try {
            Torch.useOneThread();
            result.complete(action.get());
          } catch (Throwable e) {
            result.completeExceptionally(e);
          }
        });
    return result;
  }

  private static <T> T result(CompletableFuture<T> future) {
    try {
      return future.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }
}
