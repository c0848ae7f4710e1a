package dev.loupe.dictionary;

import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Indexing;
import dev.loupe.tensor.Products;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/**
 * TiledEncoder on libtorch, by tiles of features: [tokens, F] never exists. Inputs are in the
 * encoder's own space, and scores are ReLU(pre) · ‖decoder column‖ in it.
 */
public final class TiledEncoder {
  /** Elements of a tile's pre-activations: 16 MB of float32 stays near the cache. */
  private static final long TILE_ELEMENTS = 1 << 22;

  private TiledEncoder() {}

  /** Features for a tile over so many tokens. */
  public static long tileSize(long tokens, long features) {
    return Math.min(features, Math.max(512, TILE_ELEMENTS / Math.max(1, tokens)));
  }

  /** ReLU(x W_encᵀ + b_enc) of the features from start on, [n, count], owned by the caller. */
  public static Tensor activations(Tensor x, Weights weights, long start, long count) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor encoder = weights.encoder().narrow(0, start, count);
      Tensor bias = weights.encoderBias().narrow(0, start, count);
      return scope.keep(Arithmetic.reluInPlace(Products.linear(x, encoder, bias)));
    }
  }

  /**
   * The k features of largest score of each token.
   *
   * @param x [n, D in]
   * @param norms [F]
   */
  public static Selection topK(Tensor x, Weights weights, Tensor norms, long k) {
    try (TensorScope scope = TensorScope.open()) {
      long features = weights.features();
      long tile = tileSize(x.size(0), features);
      Selection best = null;
      for (long start = 0; start < features; start += tile) {
        long count = Math.min(tile, features - start);
        Selection next = tileTopK(x, weights, norms, k, start, count);
        best = best == null ? next : best.merge(next, k);
      }
      if (best == null) {
        throw new IllegalStateException("a dictionary without features");
      }
      scope.keep(best.scores());
      scope.keep(best.values());
      scope.keep(best.indices());
      return best;
    }
  }

  /** The least of the so many largest scores of a batch; the smallest above zero if fewer are. */
  public static double leastOf(Tensor x, Weights weights, Tensor norms, long count) {
    try (TensorScope _ = TensorScope.open()) {
      return least(largest(x, weights, norms, count));
    }
  }

  /** The least of some scores, or the smallest number above zero. */
  public static double least(Tensor scores) {
    try (TensorScope _ = TensorScope.open()) {
      return Math.max(Float.MIN_VALUE, -Reductions.max(Arithmetic.negative(scores)));
    }
  }

  /** The so many largest scores of a batch, all if there are fewer, in no order; the caller's. */
  public static Tensor largest(Tensor x, Weights weights, Tensor norms, long count) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor best = Tensors.zeros(DType.F32, x.device(), 0);
      long tile = tileSize(x.size(0), weights.features());
      for (long start = 0; start < weights.features(); start += tile) {
        try (TensorScope inner = TensorScope.open()) {
          long size = Math.min(tile, weights.features() - start);
          Tensor values = activations(x, weights, start, size);
          Tensor scores = Arithmetic.multiply(values, norms.narrow(0, start, size)).reshape(-1);
          Tensor all = Tensors.concat(List.of(best, scores), 0);
          long kept = Math.min(count, all.elements());
          best = inner.keep(Reductions.largestUnsorted(all, kept).values());
        }
      }
      return scope.keep(best);
    }
  }

  private static Selection tileTopK(
      Tensor x, Weights weights, Tensor norms, long k, long start, long count) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor values = activations(x, weights, start, count);
      Tensor scores = Arithmetic.multiply(values, norms.narrow(0, start, count));
      Reductions.Largest largest = Reductions.largestUnsorted(scores, Math.min(k, count));
      return new Selection(
          scope.keep(largest.values()),
          scope.keep(Indexing.gather(values, largest.indices())),
          scope.keep(Arithmetic.add(largest.indices(), start)));
    }
  }

  /** Codes of the activations whose score is above a bound (0 for plain ReLU). */
  static Codes above(Tensor x, Weights weights, Tensor norms, double bound) {
    try (TensorScope _ = TensorScope.open()) {
      List<Tensor> keys = new ArrayList<>();
      List<Tensor> values = new ArrayList<>();
      forTiles(
          x,
          weights,
          (activations, start) -> {
            long count = activations.size(1);
            Tensor scores = Arithmetic.multiply(activations, norms.narrow(0, start, count));
            Tensor fires = Arithmetic.greater(scores, bound);
            Tensor places = Indexing.nonZero(fires); // [active, 2]
            Tensor token = Arithmetic.multiply(places.select(1, 0), weights.features());
            return List.of(
                Arithmetic.add(Arithmetic.addInPlace(token, places.select(1, 1)), start),
                Indexing.select(activations, fires));
          },
          keys,
          values);
      return Codes.of(
          Tensors.concat(keys, 0), Tensors.concat(values, 0), x.size(0), weights.features());
    }
  }

  private static void forTiles(
      Tensor x,
      Weights weights,
      BiFunction<Tensor, Long, List<Tensor>> tile,
      List<Tensor> first,
      List<Tensor> second) {
    long size = tileSize(x.size(0), weights.features());
    for (long start = 0; start < weights.features(); start += size) {
      try (TensorScope scope = TensorScope.open()) {
        long count = Math.min(size, weights.features() - start);
        List<Tensor> results = tile.apply(activations(x, weights, start, count), start);
        first.add(scope.keep(results.get(0)));
        second.add(scope.keep(results.get(1)));
      }
    }
  }

  /**
   * A fixed number of candidate features for each token.
   *
   * @param scores [n, k]
   * @param values [n, k], what the code holds
   * @param indices I64 [n, k], features
   */
  public record Selection(Tensor scores, Tensor values, Tensor indices) {
    /** These and the first of others, k in all. */
    public Selection with(Selection others, long k) {
      long left = k - scores.size(1);
      return new Selection(
          Tensors.concat(List.of(scores, others.scores.narrow(1, 0, left)), 1),
          Tensors.concat(List.of(values, others.values.narrow(1, 0, left)), 1),
          Tensors.concat(List.of(indices, others.indices.narrow(1, 0, left)), 1));
    }

    Selection merge(Selection other, long k) {
      Tensor allScores = Tensors.concat(List.of(scores, other.scores), 1);
      Tensor allValues = Tensors.concat(List.of(values, other.values), 1);
      Tensor allIndices = Tensors.concat(List.of(indices, other.indices), 1);
      if (allScores.size(1) <= k) {
        return new Selection(allScores, allValues, allIndices);
      }
      Reductions.Largest kept = Reductions.largestUnsorted(allScores, k);
      return new Selection(
          kept.values(),
          Indexing.gather(allValues, kept.indices()),
          Indexing.gather(allIndices, kept.indices()));
    }

    /** The candidates above zero as codes; the caller owns them. */
    public Codes codes(long features) {
      try (TensorScope _ = TensorScope.open()) {
        Tensor fires = Arithmetic.greater(values, 0);
        Tensor token = Tensors.range(values.size(0), DType.I64, values.device());
        Tensor keys = Arithmetic.add(Arithmetic.multiply(token, features).reshape(-1, 1), indices);
        return Codes.of(
            Indexing.select(keys, fires), Indexing.select(values, fires), values.size(0), features);
      }
    }
  }
}
