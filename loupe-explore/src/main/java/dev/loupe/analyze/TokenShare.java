package dev.loupe.analyze;

import java.util.Arrays;

/**
 * The held-out share of a feature's variance that the token id explains. With the mean activation
 * p(id) of half A (zeros included; A's overall mean for ids that A lacks) as the prediction on half
 * B:
 *
 * <pre>share = 1 − Σ_B (x − p(id))² / Σ_B (x − mean_B)²</pre>
 *
 * <p>Exact in float64 from the activations alone: tokens on which the feature is silent add p(id)²
 * each, counted by id. All terms are squares, so that nothing cancels. Holds a few numbers for each
 * id of the vocabulary; one thread at a time.
 */
final class TokenShare {
  private final ScannedTokens tokens;
  private final int[] countsA; // [ids]
  private final int[] countsB; // [ids]
  private final long tokensA;
  private final long tokensB;
  private final long unseenB; // tokens of B whose id A lacks
  private final double[] sumsA; // of the feature at hand, else zeros // [ids]
  private final int[] firedB; // likewise // [ids]

  TokenShare(ScannedTokens tokens) {
    this.tokens = tokens;
    int size = Arrays.stream(tokens.ids()).max().orElse(-1) + 1;
    countsA = new int[size];
    countsB = new int[size];
    sumsA = new double[size];
    firedB = new int[size];
    for (int token = 0; token < tokens.size(); token++) {
      (tokens.isInHalfB(token) ? countsB : countsA)[tokens.ids()[token]]++;
    }
    tokensA = Arrays.stream(countsA).asLongStream().sum();
    tokensB = Arrays.stream(countsB).asLongStream().sum();
    long unseen = 0;
    for (int id = 0; id < size; id++) {
      unseen += countsA[id] == 0 ? countsB[id] : 0;
    }
    unseenB = unseen;
  }

  /** NaN where a half has no tokens or the feature does not vary on half B. */
  double of(Firings firings, int feature) {
    double sumA = 0;
    double sumB = 0;
    for (int i = firings.start(feature); i < firings.end(feature); i++) {
      int id = id(firings, i);
      if (isInHalfB(firings, i)) {
        sumB += firings.value(i);
        firedB[id]++;
      } else {
        sumA += firings.value(i);
        sumsA[id] += firings.value(i);
      }
    }
    double meanA = sumA / tokensA;
    double residual = fired(firings, feature, meanA) + silent(firings, feature, meanA);
    double total = total(firings, feature, sumB / tokensB);
    return total > 0 ? 1 - residual / total : Double.NaN;
  }

  /** Σ (x − p)² over the tokens of B on which the feature fires. */
  private double fired(Firings firings, int feature, double meanA) {
    double squares = 0;
    for (int i = firings.start(feature); i < firings.end(feature); i++) {
      if (isInHalfB(firings, i)) {
        int id = id(firings, i);
        double predicted = countsA[id] > 0 ? sumsA[id] / countsA[id] : meanA;
        squares += square(firings.value(i) - predicted);
      }
    }
    return squares;
  }

  /** Σ p² over the tokens of B on which it does not; leaves the sums of the feature at zero. */
  private double silent(Firings firings, int feature, double meanA) {
    double squares = 0;
    long silentUnseen = unseenB;
    for (int i = firings.start(feature); i < firings.end(feature); i++) {
      int id = id(firings, i);
      if (countsA[id] > 0) {
        squares += (countsB[id] - firedB[id]) * square(sumsA[id] / countsA[id]);
      } else {
        silentUnseen -= firedB[id];
      }
      sumsA[id] = 0; // a second visit of the id adds nothing
      firedB[id] = 0;
    }
    return squares + silentUnseen * square(meanA);
  }

  /** Σ (x − mean)² over all tokens of B. */
  private double total(Firings firings, int feature, double meanB) {
    double squares = 0;
    long silent = tokensB;
    for (int i = firings.start(feature); i < firings.end(feature); i++) {
      if (isInHalfB(firings, i)) {
        squares += square(firings.value(i) - meanB);
        silent--;
      }
    }
    return squares + silent * square(meanB);
  }

  private int id(Firings firings, int firing) {
    return tokens.ids()[firings.token(firing)];
  }

  private boolean isInHalfB(Firings firings, int firing) {
    return tokens.isInHalfB(firings.token(firing));
  }

  private static double square(double x) {
    return x * x;
  }
}
