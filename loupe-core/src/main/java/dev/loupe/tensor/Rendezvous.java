package dev.loupe.tensor;

import java.time.Duration;
import java.util.Map;

/**
 * Where the ranks of a run meet, and which of them this process is: what torchrun puts into the
 * environment of each process that it starts.
 *
 * @param rank of this process, from 0
 * @param size ranks in all
 * @param localRank among those on this machine: the number of its device
 * @param host of rank 0
 * @param port of the store at that host
 * @param hosted whether the launcher holds the store; else rank 0 does
 * @param attempt how often the launcher has started the ranks anew
 * @param network interface to talk over, or empty for the one that the host's name says
 * @param deadline of every wait for other ranks
 */
public record Rendezvous(
    int rank,
    int size,
    int localRank,
    String host,
    int port,
    boolean hosted,
    String attempt,
    String network,
    Duration deadline) {
  public Rendezvous {
    if (size < 1 || rank < 0 || rank >= size) {
      throw new IllegalArgumentException(
          "expected a rank of 0 to %d, one less than WORLD_SIZE, got %d".formatted(size - 1, rank));
    }
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("expected MASTER_PORT of 1 to 65535, got " + port);
    }
    if (deadline.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new IllegalArgumentException(
          "expected a deadline of at least 1s for waits for other ranks, got " + deadline);
    }
  }

  /**
   * Reads {@code RANK}, {@code WORLD_SIZE}, {@code MASTER_ADDR}, {@code MASTER_PORT} and, where
   * they are, {@code LOCAL_RANK}, {@code GLOO_SOCKET_IFNAME}, {@code TORCHELASTIC_USE_AGENT_STORE}
   * and {@code TORCHELASTIC_RESTART_COUNT}.
   */
  public static Rendezvous of(Map<String, String> environment, Duration deadline) {
    int rank = number(environment, "RANK");
    return new Rendezvous(
        rank,
        number(environment, "WORLD_SIZE"),
        environment.containsKey("LOCAL_RANK") ? number(environment, "LOCAL_RANK") : rank,
        value(environment, "MASTER_ADDR"),
        number(environment, "MASTER_PORT"),
        environment.getOrDefault("TORCHELASTIC_USE_AGENT_STORE", "").equalsIgnoreCase("true"),
        environment.getOrDefault("TORCHELASTIC_RESTART_COUNT", "0"),
        environment.getOrDefault("GLOO_SOCKET_IFNAME", ""),
        deadline);
  }

  /** Whether rank 0 is on this machine by its address alone. */
  boolean isLoopback() {
    return host.equals("localhost") || host.startsWith("127.") || host.equals("::1");
  }

  private static int number(Map<String, String> environment, String name) {
    String text = value(environment, name);
    if (!text.matches("\\d{1,9}")) {
      throw new IllegalArgumentException(
          "expected a whole number in the environment variable %s, got '%s'".formatted(name, text));
    }
    return Integer.parseInt(text);
  }

  private static String value(Map<String, String> environment, String name) {
    String value = environment.get(name);
    if (value == null || value.isBlank()) {
      throw new IllegalArgumentException(
          "expected the environment variables RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT, as"
              + " torchrun sets them, got none for "
              + name);
    }
    return value;
  }
}
