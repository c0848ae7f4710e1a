package dev.loupe.judge;

import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt: anything from nothing to a bound that doubles ("full
 * jitter"), so that many callers do not come back together; after what the endpoint asks for.
 *
 * @param first bound of the first wait
 * @param most bound that it doubles to
 */
record Backoff(Duration first, Duration most) {
  static final Backoff USUAL = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1));

  /**
   * The wait.
   *
   * @param attempt those made, from 1
   * @param asked what the endpoint asks for
   */
  Duration before(int attempt, Optional<Duration> asked, RandomGenerator random) {
    long bound = Math.min(most.toNanos(), first.toNanos() << Math.min(attempt - 1, 20));
    Duration jitter = Duration.ofNanos((long) (random.nextDouble() * bound));
    return asked.map(jitter::plus).orElse(jitter);
  }
}
