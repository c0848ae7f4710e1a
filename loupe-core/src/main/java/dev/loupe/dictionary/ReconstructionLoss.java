package dev.loupe.dictionary;

import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;

/**
 * The loss that the released dictionaries were trained with: squared error over the norm of the
 * batch-centred target, mean over tokens and dimensions (reference/llama-scope.md, section 5).
 */
public final class ReconstructionLoss {
  private ReconstructionLoss() {}

  /**
   * √max(‖y − ȳ‖², 1e-8) of each token, ȳ the batch's mean.
   *
   * @param target y, [n, D]
   * @return [n, 1], the caller's
   */
  public static Tensor scales(Tensor target) {
    try (TensorScope scope = TensorScope.open()) {
      return scope.keep(scales(target, Reductions.mean(target, 0)));
    }
  }

  /**
   * As {@link #scales(Tensor)}, where these are some of the batch's tokens.
   *
   * @param mean ȳ, [1, D]
   */
  public static Tensor scales(Tensor target, Tensor mean) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor centred = Arithmetic.subtract(target, mean);
      return scope.keep(Arithmetic.clampMin(Reductions.norm(centred, 1), 1e-4));
    }
  }

  /**
   * mean of (ŷ − y)² / scale, summed in float64.
   *
   * @param error ŷ − y, [n, D]
   * @param scales [n, 1]
   */
  public static double value(Tensor error, Tensor scales) {
    return sum(error, scales) / error.elements();
  }

  /** As {@link #value}, the sum instead of the mean. */
  public static double sum(Tensor error, Tensor scales) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor squares = Reductions.sumDouble(Arithmetic.square(error.to(DType.F64)), 1);
      return Reductions.total(Arithmetic.divide(squares, scales.to(DType.F64)));
    }
  }
}
