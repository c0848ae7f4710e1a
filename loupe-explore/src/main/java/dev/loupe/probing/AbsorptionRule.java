package dev.loupe.probing;

/**
 * Whether other features took over what a letter's main features should say of one token (Chanin et
 * al. 2024, arXiv 2409.14507; with the measures of SAEBench 0.6, arXiv 2503.09532).
 *
 * <p>With the activation x, the unit probe direction p, the features' values f_i, and their unit
 * decoder columns d_i, a feature contributes c_i = f_i (d_i · p) to the projection P = x · p.
 *
 * <ul>
 *   <li><em>Full absorption</em>: f_i = 0 for all main features; and of the feature j of largest
 *       contribution, d_j · p ≥ {@link #FULL_COSINE} and c_j / P ≥ {@link #SHARE}, P &gt; 0.
 *   <li><em>Fraction</em>: with M = Σ c_i over main features and A = the sum of the {@link
 *       #MOST_ABSORBERS} largest positive c_i of other features with d_i · p ≥ {@link
 *       #FRACTION_COSINE}: 0 where M ≥ P or A / P &lt; {@link #SHARE}; else 1 where M ≤ 0; else a /
 *       (a + M) with a = min(A, P − M).
 * </ul>
 */
final class AbsorptionRule {
  static final double FULL_COSINE = 0.025;
  static final double FRACTION_COSINE = 0.1;
  static final double SHARE = 0.4;
  static final int MOST_ABSORBERS = 3;

  private final float[] cosines; // d_i · p, [F]
  private final boolean[] isMain; // [F]

  AbsorptionRule(float[] cosines, int[] main) {
    this.cosines = cosines;
    this.isMain = new boolean[cosines.length];
    for (int feature : main) {
      isMain[feature] = true;
    }
  }

  /**
   * What holds of a token.
   *
   * @param absorber the feature that took over in full; -1 where none did
   * @param fraction from 0 to 1
   */
  record Judgement(int absorber, double fraction) {
    boolean isFull() {
      return absorber >= 0;
    }
  }

  /**
   * Judges a token.
   *
   * @param features that fire
   * @param values of these
   * @param projection P
   */
  Judgement judge(int[] features, float[] values, double projection) {
    boolean silent = true;
    int top = -1;
    double largest = Double.NEGATIVE_INFINITY;
    double main = 0;
    double[] absorbers = new double[MOST_ABSORBERS]; // largest first
    for (int i = 0; i < features.length; i++) {
      int feature = features[i];
      double contribution = (double) values[i] * cosines[feature];
      if (contribution > largest) {
        largest = contribution;
        top = feature;
      }
      if (isMain[feature]) {
        silent = false;
        main += contribution;
      } else if (cosines[feature] >= FRACTION_COSINE) {
        insert(absorbers, contribution);
      }
    }
    boolean full =
        silent
            && top >= 0
            && projection > 0
            && cosines[top] >= FULL_COSINE
            && largest / projection >= SHARE;
    return new Judgement(full ? top : -1, fraction(main, absorbers, projection));
  }

  private static void insert(double[] largest, double value) {
    for (int i = 0; i < largest.length; i++) {
      if (value > largest[i]) {
        double next = largest[i];
        largest[i] = value;
        value = next;
      }
    }
  }

  private static double fraction(double main, double[] absorbers, double projection) {
    double taken = 0;
    for (double absorber : absorbers) {
      taken += absorber;
    }
    if (!(projection > 0) || main >= projection || taken / projection < SHARE) {
      return 0;
    }
    if (main <= 0) {
      return 1;
    }
    double absorbed = Math.min(taken, projection - main);
    return absorbed / (absorbed + main);
  }
}
