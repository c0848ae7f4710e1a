package dev.loupe.train;

import java.time.Duration;

/** When states are written while a run trains, beside those at its beginning and its end. */
public sealed interface CheckpointRule {
  /** Costs at most ten minutes of work to a run that is killed. */
  CheckpointRule USUAL = new EveryTime(Duration.ofMinutes(10));

  /** Whether a state is due, so many tokens and so much time after the last one. */
  boolean due(long tokens, Duration time);

  /** After so many tokens of training. */
  record EveryTokens(long tokens) implements CheckpointRule {
    public EveryTokens {
      if (tokens < 1) {
        throw new IllegalArgumentException("expected states every 1 or more tokens, got " + tokens);
      }
    }

    @Override
    public boolean due(long tokens, Duration time) {
      return tokens >= this.tokens;
    }
  }

  /** After so much time. */
  record EveryTime(Duration time) implements CheckpointRule {
    public EveryTime {
      if (!time.isPositive()) {
        throw new IllegalArgumentException("expected a positive time between states, got " + time);
      }
    }

    @Override
    public boolean due(long tokens, Duration time) {
      return time.compareTo(this.time) >= 0;
    }
  }

  /** Not while training. */
  record Never() implements CheckpointRule {
    @Override
    public boolean due(long tokens, Duration time) {
      return false;
    }
  }
}
