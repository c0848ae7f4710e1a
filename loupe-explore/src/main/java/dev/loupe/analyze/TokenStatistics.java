package dev.loupe.analyze;

import java.util.Arrays;

/**
 * On which token ids one feature fires, and how far the id explains it. Holds some numbers for each
 * id of the vocabulary. To be used again for another feature. One thread.
 *
 * <p>The held-out share of a feature's variance that the token id explains: with the mean
 * activation p(id) of half A of the documents (silent tokens included; A's overall mean for ids
 * that A lacks) as the prediction on half B,
 *
 * <pre>share = 1 − Σ_B (x − p(id))² / Σ_B (x − mean_B)²</pre>
 */
final class TokenStatistics {
  private final AnalysedTokens corpus;
  private final int[] firings; // [ids]
  private final double[] sumsA; // [ids]
  private final double[] sumsB; // [ids]
  private double sumA;
  private double sumB;
  private double squaresB;
  private int[] seen = new int[256]; // ids on which the feature fires
  private int seenCount;

  /**
   * @param ids number of ids
   */
  TokenStatistics(AnalysedTokens corpus, int ids) {
    this.corpus = corpus;
    this.firings = new int[ids];
    this.sumsA = new double[ids];
    this.sumsB = new double[ids];
  }

  void clear() {
    for (int i = 0; i < seenCount; i++) {
      firings[seen[i]] = 0;
      sumsA[seen[i]] = 0;
      sumsB[seen[i]] = 0;
    }
    seenCount = 0;
    sumA = 0;
    sumB = 0;
    squaresB = 0;
  }

  void add(Firings all) {
    for (int i = 0; i < all.size(); i++) {
      int id = all.id(i);
      float value = all.value(i);
      if (firings[id]++ == 0) {
        see(id);
      }
      if (corpus.isInHalfB(all.context(i))) {
        sumsB[id] += value;
        sumB += value;
        squaresB += (double) value * value;
      } else {
        sumsA[id] += value;
        sumA += value;
      }
    }
  }

  private void see(int id) {
    if (seenCount == seen.length) {
      seen = Arrays.copyOf(seen, 2 * seenCount);
    }
    seen[seenCount++] = id;
  }

  /** The ids with the largest shares of the activation; of equals the lower id. */
  Top top(int count) {
    Pool pool = new Pool(count);
    for (int i = 0; i < seenCount; i++) {
      int id = seen[i];
      float sum = (float) (sumsA[id] + sumsB[id]);
      pool.offer(Pool.largestFirst(sum, (long) id << 32), id, sum);
    }
    Pool.Entry[] best = pool.sorted();
    Top top = new Top(new int[best.length], new int[best.length], new float[best.length]);
    for (int i = 0; i < best.length; i++) {
      top.ids[i] = (int) best[i].place();
      top.firings[i] = firings[top.ids[i]];
      top.shares[i] = (float) (best[i].value() / (sumA + sumB));
    }
    return top;
  }

  /**
   * Token ids, largest share first.
   *
   * @param firings on each
   * @param shares of the sum of the activations
   */
  @SuppressWarnings("ArrayRecordComponent") // a plain carrier of columns; never compared
  record Top(int[] ids, int[] firings, float[] shares) {}

  /** NaN where a half has no tokens or the feature does not vary on half B. */
  double tokenShare() {
    double total = squaresB - sumB * sumB / corpus.tokensB();
    boolean varies = total > 1e-12 * squaresB;
    return corpus.tokensA() > 0 && varies ? 1 - residual() / total : Double.NaN;
  }

  /**
   * Σ_B (x − p(id))²; ids on which the feature never fires have p = 0, or A's mean if A lacks them.
   */
  private double residual() {
    double meanA = sumA / corpus.tokensA();
    double residual = squaresB;
    long unseenB = corpus.unseenB();
    for (int i = 0; i < seenCount; i++) {
      int id = seen[i];
      int countA = corpus.countsA()[id];
      int countB = corpus.countsB()[id];
      double predicted = countA > 0 ? sumsA[id] / countA : meanA;
      residual += predicted * (countB * predicted - 2 * sumsB[id]);
      unseenB -= countA == 0 ? countB : 0;
    }
    return residual + unseenB * meanA * meanA;
  }
}
