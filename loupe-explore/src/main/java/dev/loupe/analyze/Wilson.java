package dev.loupe.analyze;

import dev.loupe.store.FeatureRow;

/** Wilson's score interval of a share (Wilson 1927), at 95 %. */
public final class Wilson {
  private static final double Z = 1.959963984540054; // of the normal distribution, two-sided 95 %

  private Wilson() {}

  /** The share of hits among tries, with its interval; from 0 to 1 without tries. */
  public static FeatureRow.Interval interval(long hits, long tries) {
    if (tries == 0) {
      return new FeatureRow.Interval(0, 0, 1);
    }
    double n = tries;
    double share = hits / n;
    double centre = (share + Z * Z / (2 * n)) / (1 + Z * Z / n);
    double half = Z / (1 + Z * Z / n) * Math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n));
    return new FeatureRow.Interval(
        share, hits == 0 ? 0 : centre - half, hits == tries ? 1 : centre + half);
  }
}
