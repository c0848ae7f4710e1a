package dev.loupe.judge;

import java.time.Duration;
import java.util.Optional;

/** What one request came to. */
sealed interface Reply {
  /** An answer, good or bad, which is paid. */
  record Answered(Outcome outcome, String text, Usage usage) implements Reply {}

  /**
   * None, for now: to be asked again.
   *
   * @param pause what the endpoint asks to wait
   * @param paid whether it may have worked on it: then the worst case counts as spent
   */
  record NotNow(String said, Optional<Duration> pause, boolean paid) implements Reply {}

  /** The endpoint does not take a request of this form. */
  record NotThus(String said) implements Reply {}

  /** The endpoint will not answer, however often it is asked. */
  record Never(String said) implements Reply {}
}
