package dev.loupe.probing;

import java.util.Arrays;

/**
 * The features into which a dictionary splits a letter: k of those that fire more on it by mean
 * difference, k growing from 1 as long as a probe of one more gains {@link #JUMP} in F1 (SAEBench's
 * rule for feature splitting). All on the words that are fitted on.
 *
 * @param features the first chosen first; none where no feature fires more on the letter
 * @param f1 of the probe of these
 */
@SuppressWarnings("ArrayRecordComponent") // a plain carrier; never compared
record MainFeatures(int[] features, double f1) {
  static final double JUMP = 0.03;
  static final int MOST = 10;

  static MainFeatures find(Table codes, int[] rows, boolean[] labels) {
    int[] candidates = MeanDifference.above(codes.meanDifferences(rows, labels), MOST);
    MainFeatures best = new MainFeatures(new int[0], 0);
    for (int k = 1; k <= candidates.length; k++) {
      int[] some = Arrays.copyOf(candidates, k);
      DenseTable table = codes.pick(rows, some);
      double f1 = f1(LinearProbe.fit(table, labels).predict(table), labels);
      if (k > 1 && f1 <= best.f1 + JUMP) {
        break;
      }
      best = new MainFeatures(some, f1);
    }
    return best;
  }

  /** 2 TP / (predicted + positive); 0 where neither is any. */
  static double f1(boolean[] predicted, boolean[] labels) {
    int found = 0;
    int both = 0;
    for (int i = 0; i < labels.length; i++) {
      found += predicted[i] && labels[i] ? 1 : 0;
      both += (predicted[i] ? 1 : 0) + (labels[i] ? 1 : 0);
    }
    return both == 0 ? 0 : 2.0 * found / both;
  }
}
