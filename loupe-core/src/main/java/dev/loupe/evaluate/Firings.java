package dev.loupe.evaluate;

import java.util.Arrays;

/**
 * On how many tokens each feature of a dictionary fires, [F].
 *
 * @param all tokens
 * @param first of them, {@link FiringCounts#FIRST_TOKENS} of the whole corpus
 */
@SuppressWarnings("ArrayRecordComponent") // two columns of numbers; never compared
record Firings(long[] all, long[] first) {
  private static final double ULTRA_ACTIVE = 0.1;

  /** Of both together. */
  Firings merge(Firings other) {
    return new Firings(sum(all, other.all), sum(first, other.first));
  }

  private static long[] sum(long[] a, long[] b) {
    long[] sum = a.clone();
    Arrays.setAll(sum, f -> a[f] + b[f]);
    return sum;
  }

  /** A resample of documents always misses features that fire: no interval. */
  Metric deadFraction(long tokens) {
    if (tokens < FiringCounts.FIRST_TOKENS) {
      return Metric.none(tokens);
    }
    long dead = Arrays.stream(first).filter(count -> count == 0).count();
    return Metric.plain((double) dead / first.length, FiringCounts.FIRST_TOKENS);
  }

  /** A count of features, not a mean over documents: no interval. */
  Metric ultraActiveFraction(long tokens) {
    long often = Arrays.stream(all).filter(count -> count > ULTRA_ACTIVE * tokens).count();
    return Metric.plain((double) often / all.length, tokens);
  }
}
