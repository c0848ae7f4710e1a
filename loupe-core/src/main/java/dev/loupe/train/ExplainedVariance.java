package dev.loupe.train;

import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;

/**
 * What a batch's reconstruction explains.
 *
 * @param plain mean of 1 − ‖e‖²/‖y‖²
 * @param legacy mean of 1 − ‖e‖²/‖y−ȳ‖², ȳ of this batch
 */
record ExplainedVariance(double plain, double legacy) {
  static final ExplainedVariance NOT_MEASURED = new ExplainedVariance(Double.NaN, Double.NaN);

  /**
   * @param error e, [n, D]
   * @param target y, [n, D]
   */
  static ExplainedVariance of(Tensor error, Tensor target) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor errors = squares(error);
      Tensor centred = Arithmetic.subtract(target, Reductions.mean(target, 0));
      return new ExplainedVariance(
          1 - meanRatio(errors, squares(target)), 1 - meanRatio(errors, squares(centred)));
    }
  }

  private static Tensor squares(Tensor rows) {
    return Reductions.sumDouble(Arithmetic.square(rows), 1);
  }

  private static double meanRatio(Tensor errors, Tensor totals) {
    return Reductions.total(Arithmetic.divide(errors, Arithmetic.clampMin(totals, 1e-12)))
        / errors.elements();
  }
}
