package dev.loupe.tensor;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Who is there: every rank leaves a sign of life in the store again and again, and a word when it
 * leaves. So, when a collective fails, each rank that is left can say which one is the cause.
 *
 * <p>Owns a connection and a thread. Thread-safe.
 */
final class Membership implements AutoCloseable {
  private static final long LEAST_MILLIS = 100;
  private static final long MOST_MILLIS = 2_000;

  /** Signs of life that a rank which is there may miss. */
  private static final int PATIENCE = 4;

  /** How long the rank that holds the store stays at most, so that the others can read of it. */
  private static final Duration FAREWELL = Duration.ofSeconds(20);

  private static final String DONE = "done";

  private final Rendezvous rendezvous;
  private final RankStore store; // used with the lock of this object held
  private final long intervalMillis;
  private final ScheduledExecutorService beating;
  private long beats;
  private volatile String doing = "starting";
  private boolean left;
  private List<Integer> awaited = List.of(); // whose farewells to await

  Membership(Rendezvous rendezvous, boolean holds) {
    this.rendezvous = rendezvous;
    this.intervalMillis =
        Math.clamp(rendezvous.deadline().toMillis() / 20, LEAST_MILLIS, MOST_MILLIS);
    this.store = new RankStore(rendezvous, holds);
    this.beating =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("rank-" + rendezvous.rank()).factory());
    beat();
    var _ =
        beating.scheduleWithFixedDelay(
            this::beat, intervalMillis, intervalMillis, TimeUnit.MILLISECONDS);
  }

  /** What this rank waits for, as others are told it. */
  void doing(String what) {
    doing = what;
  }

  private synchronized void beat() {
    if (!left) {
      beats++;
      // without the store the next collective fails, and says so
      left = !RankStore.tried(() -> store.set(key("beat", rendezvous.rank()), beats + " " + doing));
    }
  }

  private static String key(String what, int rank) {
    return what + "/" + rank;
  }

  /** Returns when all ranks have come; fails with the names of those that have not. */
  void awaitAll() {
    List<String> all =
        IntStream.range(0, rendezvous.size()).mapToObj(rank -> key("beat", rank)).toList();
    long end = System.nanoTime() + rendezvous.deadline().toNanos();
    while (!isThere(all)) {
      if (System.nanoTime() > end) {
        List<Integer> missing = missing(all);
        String reason =
            "%s of %d did not start within %s"
                .formatted(named(missing), rendezvous.size(), time(rendezvous.deadline()));
        leave(reason, missing);
        throw new RankFailureException(
            reason + "; start every rank with the same command, WORLD_SIZE and MASTER_ADDR", null);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LEAST_MILLIS / 2));
    }
  }

  private synchronized boolean isThere(List<String> keys) {
    return keys.stream().allMatch(key -> store.find(key).isPresent());
  }

  private List<Integer> missing(List<String> keys) {
    return IntStream.range(0, keys.size())
        .filter(rank -> !isThere(List.of(keys.get(rank))))
        .boxed()
        .toList();
  }

  /**
   * Says why something failed that all ranks do together: who is gone, who has left and why, or who
   * is there but elsewhere. Leaves the group with it.
   *
   * @param what failed, such as {@code sum 57}
   */
  RankFailureException explain(String what, RuntimeException failure) {
    String reason;
    List<Integer> gone = List.of();
    try {
      Map<Integer, String> before = beats();
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PATIENCE * intervalMillis));
      Map<Integer, String> after = beats();
      Map<Integer, String> farewells = farewells();
      gone =
          others()
              .filter(rank -> !farewells.containsKey(rank))
              .filter(rank -> after.getOrDefault(rank, "").equals(before.getOrDefault(rank, "")))
              .toList();
      reason = reason(gone, farewells, after);
    } catch (RuntimeException e) {
      reason =
          rendezvous.hosted()
              ? "the store of the ranks is gone"
              : "rank 0 is missing: it held the store of the ranks, which is gone";
    }
    String message =
        "rank %d of %d: %s; found in %s (deadline %s): %s"
            .formatted(
                rendezvous.rank(),
                rendezvous.size(),
                reason,
                what,
                time(rendezvous.deadline()),
                failure.getMessage());
    leave(reason, gone);
    return new RankFailureException(message, failure);
  }

  private String reason(
      List<Integer> gone, Map<Integer, String> farewells, Map<Integer, String> beats) {
    if (!gone.isEmpty()) {
      return "%s %s missing: no sign of life for %s"
          .formatted(
              named(gone),
              gone.size() == 1 ? "is" : "are",
              time(Duration.ofMillis(PATIENCE * intervalMillis)));
    }
    if (!farewells.isEmpty()) {
      return farewells.entrySet().stream()
          .map(entry -> "rank " + entry.getKey() + " has left: " + entry.getValue())
          .collect(Collectors.joining("; "));
    }
    return "all ranks are there, but not at the same place: "
        + beats.entrySet().stream()
            .map(entry -> "rank " + entry.getKey() + " at " + entry.getValue().split(" ", 2)[1])
            .collect(Collectors.joining(", "));
  }

  private Stream<Integer> others() {
    return IntStream.range(0, rendezvous.size()).filter(rank -> rank != rendezvous.rank()).boxed();
  }

  private synchronized Map<Integer, String> beats() {
    Map<Integer, String> beats = new TreeMap<>();
    others().forEach(rank -> store.find(key("beat", rank)).ifPresent(b -> beats.put(rank, b)));
    return beats;
  }

  /** What ranks said that have left. */
  private synchronized Map<Integer, String> farewells() {
    Map<Integer, String> said = new TreeMap<>();
    others().forEach(rank -> store.find(key("left", rank)).ifPresent(word -> said.put(rank, word)));
    return said;
  }

  /**
   * Says why this rank leaves before the work is done. Others notice when its connections close.
   */
  void leave(String reason) {
    leave(reason, List.of());
  }

  private synchronized void leave(String reason, List<Integer> gone) {
    if (left) {
      return;
    }
    left = true;
    boolean said = RankStore.tried(() -> store.set(key("left", rendezvous.rank()), reason));
    if (said && rendezvous.rank() == 0 && !rendezvous.hosted()) {
      awaited = others().filter(rank -> !gone.contains(rank)).toList();
    }
  }

  private void awaitFarewells(List<Integer> ranks) {
    long most = Math.min(FAREWELL.toNanos(), rendezvous.deadline().toNanos());
    long end = System.nanoTime() + most;
    List<String> keys = ranks.stream().map(rank -> key("left", rank)).toList();
    while (!isThere(keys) && System.nanoTime() < end) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LEAST_MILLIS / 2));
    }
  }

  /** Names of ranks: {@code rank 3}, {@code ranks 1, 3}. */
  private static String named(List<Integer> ranks) {
    return (ranks.size() == 1 ? "rank " : "ranks ")
        + ranks.stream().map(String::valueOf).collect(Collectors.joining(", "));
  }

  private static String time(Duration time) {
    return Optional.of(time)
        .filter(t -> t.toMillis() % 1000 == 0)
        .map(t -> t.toSeconds() + " s")
        .orElse(time.toMillis() + " ms");
  }

  /**
   * Leaves. If the work is not done, the rank that holds the store stays for a moment, until all
   * that are there have read why.
   */
  @Override
  public void close() {
    synchronized (this) {
      if (!left) {
        left = true;
        var _ = RankStore.tried(() -> store.set(key("left", rendezvous.rank()), DONE));
      }
    }
    var _ = RankStore.tried(() -> awaitFarewells(awaited));
    beating.shutdown();
    try {
      if (!beating.awaitTermination(MOST_MILLIS, TimeUnit.MILLISECONDS)) {
        return; // it still uses the connection, which then goes with the process
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    store.close();
  }
}
