package dev.loupe.judge;

import java.math.BigDecimal;
import java.util.Optional;

/**
 * The most that may be spent. The worst case of a call is set aside before it is sent, so that
 * calls under way cannot overrun together. Thread-safe.
 */
final class Budget {
  private final Optional<BigDecimal> limit;
  private BigDecimal spent = BigDecimal.ZERO;
  private BigDecimal aside = BigDecimal.ZERO;

  /** Without a limit where there is none. */
  Budget(Optional<BigDecimal> limit) {
    if (limit.isPresent() && limit.get().signum() < 0) {
      throw new IllegalArgumentException("expected a budget of 0 or more, got " + limit.get());
    }
    this.limit = limit;
  }

  /**
   * Sets an amount aside, and waits for calls under way where only what is set aside for them
   * stands against it.
   *
   * @throws JudgeException if it would overrun
   */
  synchronized void setAside(BigDecimal amount) throws InterruptedException {
    while (limit.isPresent() && overruns(spent.add(aside).add(amount))) {
      if (aside.signum() == 0 || overruns(spent.add(amount))) {
        throw new JudgeException(
            "the budget of %s does not hold the next question: %s is spent, and it can take %s; the same command with a larger --budget goes on and pays for nothing twice"
                .formatted(limit.get().toPlainString(), plain(spent), plain(amount)));
      }
      wait();
    }
    aside = aside.add(amount);
  }

  /** Says what became of an amount that was set aside. */
  synchronized void settle(BigDecimal amount, BigDecimal paid) {
    aside = aside.subtract(amount);
    spent = spent.add(paid);
    notifyAll();
  }

  synchronized BigDecimal spent() {
    return spent;
  }

  private boolean overruns(BigDecimal sum) {
    return sum.compareTo(limit.orElseThrow()) > 0;
  }

  private static String plain(BigDecimal amount) {
    return amount.stripTrailingZeros().toPlainString();
  }
}
