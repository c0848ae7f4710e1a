package dev.loupe.evaluate;

import dev.loupe.model.Hook;
import java.util.Arrays;
import java.util.List;

/**
 * Sums of the losses of one way to run the model, as columns of {@link DocumentSums}.
 *
 * @param run what it is called
 */
record LossSums(String run) {
  static final LossSums ORIGINAL = new LossSums("original");

  private static final String PAIRS = "pairs"; // positions whose input and target count
  private static final String TARGETS = "targets";
  private static final String INPUTS = "inputs";

  static LossSums spliced(String subject) {
    return new LossSums(subject);
  }

  /** Of a hook that is changed in some way. */
  static LossSums ablated(Hook hook, String how) {
    return new LossSums(hook + "." + how);
  }

  private String column(String mean) {
    return run + ".losses_by_" + mean;
  }

  /**
   * Counts the positions that losses are averaged over.
   *
   * @param at the row of each one's document in the sums
   */
  static void count(LossRows rows, int[] at, DocumentSums to) {
    double[] pairs = to.column(PAIRS);
    double[] targets = to.column(TARGETS);
    double[] inputs = to.column(INPUTS);
    for (int i = 0; i < rows.size(); i++) {
      targets[at[i]] += rows.target()[i] ? 1 : 0;
      inputs[at[i]] += rows.input()[i] ? 1 : 0;
      pairs[at[i]] += rows.target()[i] && rows.input()[i] ? 1 : 0;
    }
  }

  /**
   * Adds a chunk of rows.
   *
   * @param at the row of each one's document in the sums
   * @param start the first of them
   * @param losses −log p of each one's target
   */
  void addLosses(LossRows rows, int[] at, int start, double[] losses, DocumentSums to) {
    double[] pairs = to.column(column(PAIRS));
    double[] targets = to.column(column(TARGETS));
    for (int i = 0; i < losses.length; i++) {
      if (rows.target()[start + i]) {
        targets[at[start + i]] += losses[i];
        pairs[at[start + i]] += rows.input()[start + i] ? losses[i] : 0;
      }
    }
  }

  /** Adds the divergences KL(original, this) of a chunk of rows. */
  void addDivergences(LossRows rows, int[] at, int start, double[] divergences, DocumentSums to) {
    double[] kl = to.column(run + ".kl");
    for (int i = 0; i < divergences.length; i++) {
      kl[at[start + i]] += rows.input()[start + i] ? divergences[i] : 0;
    }
  }

  /** Mean loss over positions whose input and target count. */
  Series byPair(DocumentSums totals, Resamples resamples) {
    return mean(totals, resamples, column(PAIRS), PAIRS);
  }

  /** Mean loss over positions whose target counts. */
  Series byTarget(DocumentSums totals, Resamples resamples) {
    return mean(totals, resamples, column(TARGETS), TARGETS);
  }

  /** Mean divergence over positions whose input counts. */
  Series kl(DocumentSums totals, Resamples resamples) {
    return mean(totals, resamples, run + ".kl", INPUTS);
  }

  private static Series mean(DocumentSums totals, Resamples resamples, String sum, String over) {
    List<Series> both = resamples.series(List.of(totals.sums(sum), totals.sums(over)));
    return both.get(0).over(both.get(1));
  }

  static long pairs(DocumentSums totals) {
    return total(totals, PAIRS);
  }

  static long targets(DocumentSums totals) {
    return total(totals, TARGETS);
  }

  static long inputs(DocumentSums totals) {
    return total(totals, INPUTS);
  }

  private static long total(DocumentSums totals, String column) {
    return (long) Arrays.stream(totals.sums(column)).sum();
  }
}
