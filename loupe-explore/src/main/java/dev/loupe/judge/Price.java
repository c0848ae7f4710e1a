package dev.loupe.judge;

import java.math.BigDecimal;

/**
 * What an endpoint asks for a million tokens, in the user's currency.
 *
 * @param prompt for those read; one that the endpoint had cached counts as any other
 * @param completion for those written
 */
public record Price(BigDecimal prompt, BigDecimal completion) {
  /** Of a server of one's own. */
  public static final Price FREE = new Price(BigDecimal.ZERO, BigDecimal.ZERO);

  public Price {
    if (prompt.signum() < 0 || completion.signum() < 0) {
      throw new IllegalArgumentException(
          "expected prices of 0 or more, got %s and %s".formatted(prompt, completion));
    }
  }

  /** From {@code IN/OUT}, such as {@code 0.15/0.60}. */
  public static Price parse(String text) {
    String[] parts = text.split("/", -1);
    try {
      if (parts.length == 2) {
        return new Price(new BigDecimal(parts[0].strip()), new BigDecimal(parts[1].strip()));
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw new IllegalArgumentException(
        "expected prices IN/OUT for a million tokens, such as 0.15/0.60, got '" + text + "'");
  }

  /** Exact. */
  BigDecimal of(long promptTokens, long completionTokens) {
    return prompt
        .multiply(BigDecimal.valueOf(promptTokens))
        .add(completion.multiply(BigDecimal.valueOf(completionTokens)))
        .movePointLeft(6);
  }

  BigDecimal of(Usage usage) {
    return of(usage.promptTokens(), usage.completionTokens());
  }

  public boolean isFree() {
    return prompt.signum() == 0 && completion.signum() == 0;
  }
}
