package dev.loupe.analyze;

/**
 * What one feature did on the scanned tokens.
 *
 * @param feature its number, from 0
 * @param firings tokens on which it fired
 * @param documents different documents in which it fired
 * @param maximum its largest activation, in raw units; 0 where it never fired
 * @param tokenShare held-out share of the variance of its activation that the token id explains, at
 *     most 1: near 1 the feature names a token, near 0 (or below, where the means of one half
 *     mislead on the other) the context decides. NaN where the feature does not vary on the
 *     held-out half
 */
public record FeatureSummary(
    int feature, int firings, int documents, float maximum, double tokenShare) {}
