package dev.loupe.store;

import java.util.List;
import java.util.Optional;

/**
 * What one feature does on the analysed tokens: a row of {@code features.parquet}. Activations are
 * in raw units.
 *
 * @param feature its number, from 0
 * @param firings counted tokens on which it fires
 * @param rate firings over counted tokens, with its 95 % Wilson interval
 * @param contexts in which it fires at least once
 * @param maximum largest activation; 0 where it never fires
 * @param mean of the activations where it fires; 0 where it never does
 * @param deviation standard deviation of those
 * @param quantiles of those, at {@link #QUANTILES}; empty where it never fires
 * @param tokenShare held-out share of the variance of its activation (silent tokens included) that
 *     the token id explains; NaN where it does not vary on the held-out half
 * @param tokens ids with the largest shares of its activation, largest first
 * @param positionFirings firings by position in the context: 1, 2-3, 4-7, ...
 * @param dead whether it never fires
 * @param dense whether it fires on more than 10 % of the tokens
 * @param singleToken whether one id has 90 % of its activation, of ten firings or more
 * @param category what the ground truth says; empty where the corpus has none, or it never fires
 * @param bandEdges nine edges of the eight bands of windows by their strongest activation; empty
 *     where it never fires
 * @param bandWindows windows in each
 */
@SuppressWarnings("ArrayRecordComponent") // a row to be written or shown; never compared
public record FeatureRow(
    int feature,
    long firings,
    Interval rate,
    int contexts,
    float maximum,
    float mean,
    float deviation,
    float[] quantiles,
    float tokenShare,
    TopTokens tokens,
    int[] positionFirings,
    boolean dead,
    boolean dense,
    boolean singleToken,
    Optional<Category> category,
    float[] bandEdges,
    int[] bandWindows) {
  /** Levels of the quantiles. */
  public static final List<Double> QUANTILES =
      List.of(0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99);

  /** A number with its 95 % interval. */
  public record Interval(double value, double low, double high) {}

  /**
   * Token ids by their share of a feature's activation.
   *
   * @param texts as the tokenizer writes them
   * @param firings of the feature on each
   * @param shares of the sum of its activations
   */
  @SuppressWarnings("ArrayRecordComponent") // likewise
  public record TopTokens(int[] ids, String[] texts, int[] firings, float[] shares) {
    public TopTokens {
      Lists.requireEqual("tokens", ids.length, texts.length, firings.length, shares.length);
    }
  }

  /**
   * The document category that the feature finds best: chosen on one half of the documents, scored
   * on the other.
   *
   * @param sign 1 where documents with a maximum above the threshold are found, -1 where those not
   *     above it are
   * @param f1 on the other half
   */
  public record Category(String name, int sign, float threshold, Interval f1) {}
}
