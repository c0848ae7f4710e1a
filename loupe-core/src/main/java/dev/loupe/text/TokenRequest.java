package dev.loupe.text;

/**
 * Which tokens to draw from a corpus, and in what shape.
 *
 * @param split the documents to use
 * @param tokens counted tokens wanted; the last context may overshoot
 * @param epochs the most times that a context may be used; a second epoch starts only when the
 *     corpus is used up
 * @param context the most ids of a context, begin id included; at least 2
 * @param longDocuments what to do with longer documents
 * @param seed decides which documents are drawn, and all orders
 * @param batchTokens the most ids of a batch with its padding; a longer context is a batch alone
 * @param skipBadLines whether to count bad lines instead of failing at the first
 */
public record TokenRequest(
    Split split,
    long tokens,
    int epochs,
    int context,
    LongDocuments longDocuments,
    long seed,
    int batchTokens,
    boolean skipBadLines) {
  /** Checks the ranges. */
  public TokenRequest {
    atLeast("tokens", 1, tokens);
    atLeast("epochs", 1, epochs);
    atLeast("context", 2, context);
    atLeast("batchTokens", 1, batchTokens);
  }

  private static void atLeast(String name, long bound, long value) {
    if (value < bound) {
      throw new IllegalArgumentException(
          "expected %s of at least %d, got %d".formatted(name, bound, value));
    }
  }
}
