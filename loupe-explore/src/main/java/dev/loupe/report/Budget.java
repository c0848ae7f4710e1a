package dev.loupe.report;

/**
 * How much a report measures.
 *
 * @param tokens of evaluations
 * @param lossTokens among them for losses
 * @param transferTokens of evaluations of each of four pairs of model and text
 * @param transferLossTokens among them for losses
 * @param analysisTokens of analyses
 * @param splittingTokens of each pair of widths
 * @param absorptionTokens among which words are looked for
 * @param documents that probes read
 */
public record Budget(
    long tokens,
    long lossTokens,
    long transferTokens,
    long transferLossTokens,
    long analysisTokens,
    long splittingTokens,
    long absorptionTokens,
    int documents) {
  /** What the commands of the parts take unless told otherwise, or near it. */
  public static final Budget USUAL =
      new Budget(100_000, 8_192, 20_000, 4_096, 300_000, 200_000, 200_000, 10_000);
}
