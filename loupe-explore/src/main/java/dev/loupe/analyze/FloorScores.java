package dev.loupe.analyze;

import dev.loupe.activation.Activations;
import dev.loupe.kernel.Kernels;
import dev.loupe.model.Hook;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Indexing;
import dev.loupe.tensor.Products;
import dev.loupe.tensor.SeededRandom;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * What a category search must beat at one hook: random unit directions, and the coordinates of the
 * activation (the site's neurons) in both directions. The score of a document is, as for features,
 * the maximum over its counted tokens. Owns the directions until closed.
 */
final class FloorScores implements AutoCloseable {
  private static final int TILE = 1_024;

  private final Hook hook;
  private final int directionCount;
  private final int size; // D
  private final Tensor directions; // bfloat16 [directions, D]

  /**
   * @param directionCount as many as the largest dictionary of the hook has features
   * @param size D
   */
  FloorScores(Hook hook, int directionCount, int size, long seed) {
    this.hook = hook;
    this.directionCount = directionCount;
    this.size = size;
    try (TensorScope _ = TensorScope.open()) {
      SeededRandom random = new SeededRandom(seed, "random directions at " + hook);
      Tensor exact = random.directions(directionCount, size, 1);
      directions = TensorScope.release(exact.to(DType.BF16));
    }
  }

  /** Name of its scores in the files of codes. */
  String name() {
    return name(hook);
  }

  static String name(Hook hook) {
    return "floors." + hook;
  }

  /**
   * Of each listed context the maximum over its counted tokens: bfloat16 [contexts, directions + 2
   * D], owned by the caller; directions first, then coordinates, then their negatives.
   *
   * @param contexts numbers of contexts that are among the activations, ascending
   */
  Tensor of(Activations activations, int[] contexts) {
    int[] tokens =
        IntStream.range(0, activations.tokens())
            .filter(t -> Arrays.binarySearch(contexts, activations.contexts()[t]) >= 0)
            .toArray();
    int[] rows =
        Arrays.stream(tokens)
            .map(t -> Arrays.binarySearch(contexts, activations.contexts()[t]))
            .toArray();
    int columns = directionCount + 2 * size;
    try (TensorScope _ = TensorScope.open()) {
      Tensor all = activations.at(hook);
      Tensor index = Tensors.of(tokens, tokens.length).to(all.device());
      Tensor x = Indexing.rows(all, index).to(Device.CPU).contiguous(); // [tokens, D]
      Tensor maxima =
          Tensors.full(Float.NEGATIVE_INFINITY, DType.F32, Device.CPU, contexts.length, columns);
      Tensor low = x.to(DType.BF16);
      for (int from = 0; from < directionCount; from += TILE) {
        try (TensorScope _ = TensorScope.open()) {
          int count = Math.min(TILE, directionCount - from);
          Tensor products = Products.linear(low, directions.narrow(0, from, count));
          raise(maxima, rows, from, products.to(DType.F32).contiguous(), count, columns);
        }
      }
      raise(maxima, rows, directionCount, x, size, columns);
      raise(maxima, rows, directionCount + size, Arithmetic.negative(x), size, columns);
      return TensorScope.release(maxima.to(DType.BF16));
    }
  }

  private static void raise(
      Tensor maxima, int[] rows, int column, Tensor values, int count, int columns) {
    MemorySegment out = maxima.segment();
    MemorySegment in = values.segment();
    for (int t = 0; t < rows.length; t++) {
      Kernels.BEST.maxInPlace(out, (long) rows[t] * columns + column, in, (long) t * count, count);
    }
  }

  @Override
  public void close() {
    directions.close();
  }
}
