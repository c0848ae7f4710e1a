package dev.loupe.judge;

import java.time.Duration;
import java.util.OptionalInt;

/** Holds calls to so many requests and tokens a minute, as endpoints ask for. Thread-safe. */
final class Pace {
  private final Waiting waiting;
  private final Bucket requests;
  private final Bucket tokens;

  Pace(OptionalInt requestsPerMinute, OptionalInt tokensPerMinute, Waiting waiting) {
    this.waiting = waiting;
    this.requests = new Bucket(requestsPerMinute, waiting.nanos());
    this.tokens = new Bucket(tokensPerMinute, waiting.nanos());
  }

  /** Waits until a call of so many tokens may be sent. */
  void await(long callTokens) throws InterruptedException {
    long wait;
    synchronized (this) {
      long now = waiting.nanos();
      wait = Math.max(requests.take(1, now), tokens.take(callTokens, now));
    }
    if (wait > 0) {
      waiting.pause(Duration.ofNanos(wait));
    }
  }

  /**
   * Fills by its rate up to what comes in a second, at least 1. What is taken beyond is owed, and
   * the one who owes waits: so calls leave in order, and one larger than the bucket can leave too.
   */
  private static final class Bucket {
    private static final double NANOS_PER_MINUTE = 60e9;

    private final double perNano;
    private final double capacity;
    private double level;
    private long last;

    Bucket(OptionalInt perMinute, long now) {
      if (perMinute.isPresent() && perMinute.getAsInt() < 1) {
        throw new IllegalArgumentException(
            "expected a rate of at least 1 a minute, got " + perMinute.getAsInt());
      }
      this.perNano =
          perMinute.isPresent()
              ? perMinute.getAsInt() / NANOS_PER_MINUTE
              : Double.POSITIVE_INFINITY;
      this.capacity = Math.max(1, perMinute.orElse(0) / 60.0);
      this.level = capacity;
      this.last = now;
    }

    /** Nanoseconds to wait. */
    long take(long amount, long now) {
      if (perNano == Double.POSITIVE_INFINITY) {
        return 0;
      }
      level = Math.min(capacity, level + (now - last) * perNano) - amount;
      last = now;
      return level >= 0 ? 0 : (long) Math.ceil(-level / perNano);
    }
  }
}
