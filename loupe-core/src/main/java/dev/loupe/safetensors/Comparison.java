package dev.loupe.safetensors;

import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import java.util.Arrays;

/**
 * How far a recomputed tensor is from its reference.
 *
 * @param name of the tensor
 * @param shape of both
 * @param maxError largest absolute difference
 * @param relativeError that difference over the reference's standard deviation; of tensors of one
 *     element, over its absolute value
 */
public record Comparison(String name, String shape, double maxError, double relativeError) {
  /** What {@code doctor} lets pass. */
  public static final double LIMIT = 1e-4;

  public static Comparison of(String name, Tensor computed, Tensor reference) {
    if (!Arrays.equals(computed.shape(), reference.shape())) {
      throw new IllegalArgumentException(
          "expected %s of the shape %s, got %s"
              .formatted(name, reference.describe(), computed.describe()));
    }
    try (TensorScope _ = TensorScope.open()) {
      double[] expected = reference.doubles();
      double[] difference =
          Arithmetic.subtract(
                  computed.to(reference.device()).to(DType.F64), reference.to(DType.F64))
              .doubles();
      double largest = 0;
      for (double value : difference) {
        // NaN must win
        largest = Math.abs(value) <= largest ? largest : Math.abs(value);
      }
      double unit = expected.length == 1 ? Math.abs(expected[0]) : deviation(expected);
      return new Comparison(
          name, Arrays.toString(reference.shape()), largest, largest == 0 ? 0 : largest / unit);
    }
  }

  public boolean passes() {
    return relativeError <= LIMIT;
  }

  private static double deviation(double[] values) {
    double mean = Arrays.stream(values).average().orElse(0);
    return Math.sqrt(Arrays.stream(values).map(v -> (v - mean) * (v - mean)).average().orElse(0));
  }
}
