package dev.loupe.evaluate;

import dev.loupe.activation.Activations;
import dev.loupe.activation.Capturing;
import dev.loupe.dictionary.Codes;
import dev.loupe.dictionary.Contract;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.Gate;
import dev.loupe.model.Llama;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
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
    Sums sums = new Sums();
    Contract contract = dictionary.contract();
    var hooks = new TreeSet<>(Set.of(contract.hookIn(), contract.hookOut()));
    for (int i = 0; i < corpus.batches(); i++) {
      try (TensorScope _ = TensorScope.open();
          Activations batch = Capturing.activations(model, corpus.batch(i), hooks)) {
        sums.add(
            dictionary, batch.at(contract.hookIn()), batch.at(contract.hookOut()), batch.tokens());
      }
    }
    return sums.findings(contract);
  }

  private static final class Sums {
    private long tokens;
    private double normsIn;
    private double normsOut;
    private double active;
    private double unexplained;

    void add(Dictionary dictionary, Tensor in, Tensor out, int count) {
      Tensor y = out.to(DType.F32);
      try (Codes codes = dictionary.encode(in)) {
        Tensor errors = squares(Arithmetic.subtract(dictionary.decode(codes), y));
        unexplained += Reductions.total(Arithmetic.divide(errors, squares(y)));
        active += codes.active();
      }
      normsIn += Reductions.total(Reductions.norm(in.to(DType.F32), 1));
      normsOut += Reductions.total(Reductions.norm(y, 1));
      tokens += count;
    }

    private static Tensor squares(Tensor rows) {
      return Arithmetic.clampMin(Reductions.sumDouble(Arithmetic.square(rows), 1), 1e-12);
    }

    List<Finding> findings(Contract contract) {
      List<Finding> all = new ArrayList<>();
      double l0 = active / tokens;
      contract
          .expected()
          .ifPresentOrElse(
              expected -> {
                all.add(relative("mean_norm_in", expected.meanNormIn(), normsIn / tokens));
                all.add(relative("mean_norm_out", expected.meanNormOut(), normsOut / tokens));
                all.add(relative("l0", expected.l0(), l0));
                double found = 1 - unexplained / tokens;
                double difference = Math.abs(found - expected.explainedVariance());
                all.add(
                    new Finding(
                        "explained_variance",
                        expected.explainedVariance(),
                        found,
                        difference <= VARIANCE));
              },
              () -> {
                all.add(
                    relative("mean_norm_in", contract.trainedScale().normIn(), normsIn / tokens));
                all.add(
                    relative(
                        "mean_norm_out", contract.trainedScale().normOut(), normsOut / tokens));
                if (contract.gate() instanceof Gate.TopK(int k)) {
                  all.add(relative("l0", k, l0));
                }
              });
      return all;
    }

    private static Finding relative(String what, double expected, double got) {
      return new Finding(what, expected, got, Math.abs(got - expected) <= RELATIVE * expected);
    }
  }
}
