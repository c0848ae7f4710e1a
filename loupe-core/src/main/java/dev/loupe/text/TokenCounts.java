package dev.loupe.text;

/**
 * What was drawn and what the token policy left out.
 *
 * @param contexts contexts over all epochs
 * @param countedTokens positions that are trained on, encoded and averaged
 * @param excludedFirst positions 0, one a context
 * @param excludedSpecial begin and end ids at other positions
 * @param padded positions of batches beyond the end of their context
 * @param badLines lines of the corpus that were skipped
 * @param documents different documents with at least one context
 */
public record TokenCounts(
    long contexts,
    long countedTokens,
    long excludedFirst,
    long excludedSpecial,
    long padded,
    long badLines,
    long documents) {}
