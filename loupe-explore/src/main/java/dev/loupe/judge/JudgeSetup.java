package dev.loupe.judge;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How an endpoint is asked.
 *
 * @param price for a million tokens; for an endpoint elsewhere it must be known
 * @param budget the most to spend, from this start on
 * @param atOnce calls under way at a time, at most
 * @param timeout of one attempt, from its first byte sent to its last received
 * @param folder for the ledger and the answers: {@code SUITE/judge}
 */
public record JudgeSetup(
    Endpoint endpoint,
    Price price,
    Optional<BigDecimal> budget,
    OptionalInt requestsPerMinute,
    OptionalInt tokensPerMinute,
    int atOnce,
    Duration timeout,
    Path folder) {
  /** Name of the ledger in the folder. */
  public static final String LEDGER = "ledger.jsonl";

  public JudgeSetup {
    if (atOnce < 1) {
      throw new IllegalArgumentException("expected at least 1 call at a time, got " + atOnce);
    }
    if (!timeout.isPositive()) {
      throw new IllegalArgumentException("expected a positive timeout, got " + timeout);
    }
    if (!price.isFree() && budget.isEmpty()) {
      throw new IllegalArgumentException(
          "expected a budget where a judge has a price, got none; give one with --budget");
    }
  }

  Path ledger() {
    return folder.resolve(LEDGER);
  }
}
