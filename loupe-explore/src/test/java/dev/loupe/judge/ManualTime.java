package dev.loupe.judge;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A clock that goes on when somebody pauses, and at no other time. */
final class ManualTime implements Waiting {
  private final List<Duration> pauses = new ArrayList<>();
  private long nanos;

  @Override
  public synchronized long nanos() {
    return nanos;
  }

  @Override
  public synchronized void pause(Duration duration) {
    pauses.add(duration);
    nanos += duration.toNanos();
  }

  synchronized List<Duration> pauses() {
    return List.copyOf(pauses);
  }
}
