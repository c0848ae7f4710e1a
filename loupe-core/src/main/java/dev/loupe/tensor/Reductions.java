package dev.loupe.tensor;

import org.bytedeco.pytorch.LongArrayRefOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.global.torch;

/** Operations that shorten a tensor: sums, norms, extremes, order. */
public final class Reductions {
  private Reductions() {}

  /** Sum of all elements, accumulated in float64. */
  public static double total(Tensor a) {
    return Native.value(
        () -> torch.sum(a.handle(), new ScalarTypeOptional(torch.ScalarType.Double)).item_double());
  }

  /** Sum of the squares of all elements, accumulated in float64. */
  public static double totalOfSquares(Tensor a) {
    return Native.value(() -> {
      double norm =
          torch
              .linalg_vector_norm(
                  a.handle(),
                  new Scalar(2.0),
                  new LongArrayRefOptional(),
                  false,
                  new ScalarTypeOptional(torch.ScalarType.Double))
              .item_double();
      return norm * norm;
    });
  }

  /** Sum over a dimension, which stays with length one. */
  public static Tensor sum(Tensor a, int dimension) {
    return Native.tensor(
        () -> torch.sum(a.handle(), new long[] {dimension}, true, new ScalarTypeOptional()));
  }

  /** Sum over a dimension in float64; the dimension stays with length one. */
  public static Tensor sumDouble(Tensor a, int dimension) {
    return Native.tensor(() ->
        torch.sum(
            a.handle(),
            new long[] {dimension},
            true,
            new ScalarTypeOptional(torch.ScalarType.Double)));
  }

  /** Mean over a dimension, which stays with length one. */
  public static Tensor mean(Tensor a, int dimension) {
    return Native.tensor(
        () -> torch.mean(a.handle(), new long[] {dimension}, true, new ScalarTypeOptional()));
  }

  /** Euclidean norm over a dimension, which stays with length one. */
  public static Tensor norm(Tensor a, int dimension) {
    return Native.tensor(() ->
        torch.linalg_vector_norm(
            a.handle(), new Scalar(2.0), new long[] {dimension}, true, new ScalarTypeOptional()));
  }

  /** log of the sum of exponentials over a dimension, which stays with length one. */
  public static Tensor logSumExp(Tensor a, int dimension) {
    return Native.tensor(() -> torch.logsumexp(a.handle(), new long[] {dimension}, true));
  }

  public static Tensor logSoftmax(Tensor a, int dimension) {
    return Native.tensor(() -> torch.log_softmax(a.handle(), dimension));
  }

  public static Tensor softmax(Tensor a, int dimension) {
    return Native.tensor(() -> torch.softmax(a.handle(), dimension));
  }

  /** Index of the largest element over a dimension, which goes. */
  public static Tensor argMax(Tensor a, int dimension) {
    return Native.tensor(() -> torch.argmax(a.handle(), new LongOptional(dimension), false));
  }

  public static double max(Tensor a) {
    return Native.value(() -> torch.max(a.handle()).item_double());
  }

  /** The k largest elements over the last dimension, largest first, with their places (I64). */
  public static Largest largest(Tensor a, long k) {
    Native.Pair pair = Native.pair(() -> torch.topk(a.handle(), k, -1, true, true));
    return new Largest(pair.first(), pair.second());
  }

  /** As {@link #largest}, in no particular order. */
  public static Largest largestUnsorted(Tensor a, long k) {
    Native.Pair pair = Native.pair(() -> torch.topk(a.handle(), k, -1, true, false));
    return new Largest(pair.first(), pair.second());
  }

  /**
   * Chosen elements and their places.
   *
   * @param values the elements
   * @param indices where they were, I64
   */
  public record Largest(Tensor values, Tensor indices) {}
}
