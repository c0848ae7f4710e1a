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
      double[] left = left(error, target, Reductions.mean(target, 0));
      return of(left[0], left[1], target.size(0));
    }
  }

  /** From sums over so many tokens of what {@link #left} gives. */
  static ExplainedVariance of(double plain, double legacy, long tokens) {
    return new ExplainedVariance(1 - plain / tokens, 1 - legacy / tokens);
  }

  /**
   * Sums over some of a batch's tokens of ‖e‖²/‖y‖² and of ‖e‖²/‖y−ȳ‖².
   *
   * @param mean ȳ, [1, D]
   */
  static double[] left(Tensor error, Tensor target, Tensor mean) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor errors = squares(error);
      Tensor centred = Arithmetic.subtract(target, mean);
      return new double[] {
        sumOfRatios(errors, squares(target)), sumOfRatios(errors, squares(centred))
      };
    }
  }

  private static Tensor squares(Tensor rows) {
    return Reductions.sumDouble(Arithmetic.square(rows), 1);
  }

  private static double sumOfRatios(Tensor errors, Tensor totals) {
    return Reductions.total(Arithmetic.divide(errors, Arithmetic.clampMin(totals, 1e-12)));
  }
}
