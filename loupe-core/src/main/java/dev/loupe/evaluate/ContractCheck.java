package dev.loupe.evaluate;

import dev.loupe.activation.Activations;
import dev.loupe.activation.Capturing;
import dev.loupe.dictionary.Contract;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.ExpectedSums;
import dev.loupe.dictionary.Gate;
import dev.loupe.dictionary.Scale;
import dev.loupe.model.Llama;
import dev.loupe.text.TokenCorpus;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Whether a dictionary does on a model's activations what its contract says: mean norms, L0 and
 * explained variance. A wrong hook, gain, scaling or model shows here at once.
 */
public final class ContractCheck {
  /** Relative difference of norms and L0 that other text of the same kind may make. */
  private static final double RELATIVE = 0.15;

  /** Difference of the explained variance likewise. */
  private static final double VARIANCE = 0.05;

  private ContractCheck() {}

  /**
   * One comparison.
   *
   * @param what was measured
   * @param expected by the contract
   * @param got here
   * @param passes whether they agree as far as other text allows
   */
  public record Finding(String what, double expected, double got, boolean passes) {}

  /** Measures over all of a corpus; borrows everything. */
  public static List<Finding> run(Llama model, Dictionary dictionary, TokenCorpus corpus) {
    ExpectedSums sums = new ExpectedSums();
    Contract contract = dictionary.contract();
    var hooks = new TreeSet<>(Set.of(contract.hookIn(), contract.hookOut()));
    for (int i = 0; i < corpus.batches(); i++) {
      try (Activations batch = Capturing.activations(model, corpus.batch(i), hooks)) {
        sums.add(dictionary, batch.at(contract.hookIn()), batch.at(contract.hookOut()));
      }
    }
    return findings(contract, sums.means(0));
  }

  private static List<Finding> findings(Contract contract, Contract.Expected got) {
    List<Finding> all = new ArrayList<>();
    contract
        .expected()
        .ifPresentOrElse(
            expected -> {
              all.add(relative("mean_norm_in", expected.meanNormIn(), got.meanNormIn()));
              all.add(relative("mean_norm_out", expected.meanNormOut(), got.meanNormOut()));
              all.add(relative("l0", expected.l0(), got.l0()));
              all.add(variance(expected.explainedVariance(), got.explainedVariance()));
            },
            () -> {
              Scale trained = contract.trainedScale();
              all.add(relative("mean_norm_in", trained.normIn(), got.meanNormIn()));
              all.add(relative("mean_norm_out", trained.normOut(), got.meanNormOut()));
              if (contract.gate() instanceof Gate.TopK(int k)) {
                all.add(relative("l0", k, got.l0()));
              }
            });
    return all;
  }

  private static Finding relative(String what, double expected, double got) {
    return new Finding(what, expected, got, Math.abs(got - expected) <= RELATIVE * expected);
  }

  private static Finding variance(double expected, double got) {
    return new Finding("explained_variance", expected, got, Math.abs(got - expected) <= VARIANCE);
  }
}
