package dev.loupe.judge;

import java.math.BigDecimal;

/**
 * What was asked and spent since the start.
 *
 * @param calls questions that went out
 * @param cacheHits questions that had been answered before
 * @param failed questions without an answer of use
 */
public record Spending(
    long calls,
    long cacheHits,
    long failed,
    long promptTokens,
    long completionTokens,
    BigDecimal price) {
  static final Spending NONE = new Spending(0, 0, 0, 0, 0, BigDecimal.ZERO);

  Spending plus(LedgerLine line) {
    boolean failure = line.outcome() != Outcome.ANSWERED && line.outcome() != Outcome.CUT;
    return new Spending(
        calls + (line.cacheHit() ? 0 : 1),
        cacheHits + (line.cacheHit() ? 1 : 0),
        failed + (failure ? 1 : 0),
        promptTokens + line.promptTokens(),
        completionTokens + line.completionTokens(),
        price.add(line.price()));
  }
}
