package dev.loupe.geometry;

import dev.loupe.analyze.NearestDirections;
import dev.loupe.kernel.Range;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.Products;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.SeededRandom;
import dev.loupe.tensor.Team;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;

/**
 * What maximum cosines chance gives: of directions that know nothing of a dictionary, against its
 * decoder columns. Two kinds, both as many draws as are asked for.
 *
 * <p>Random: uniform on the sphere. Covariance-matched: Gaussian with the mean and the covariance
 * of the dictionary's own unit columns, so that whatever the columns share in the bulk (a few
 * strong directions of the residual stream) is in the baseline too.
 */
final class Baselines {
  private Baselines() {}

  /**
   * Maximum cosines of random directions.
   *
   * @param columns unit vectors, [F, D], borrowed
   */
  static float[] random(Tensor columns, int draws, long seed) {
    try (TensorScope _ = TensorScope.open()) {
      int d = Math.toIntExact(columns.size(1));
      Tensor rows = new SeededRandom(seed, "random directions").directions(draws, d, 1);
      return NearestDirections.of(rows, columns, 1, false).maxima();
    }
  }

  /** Maximum cosines of covariance-matched directions. */
  static float[] covariance(Tensor columns, int draws, long seed) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor rows = NearestDirections.normalised(gaussian(columns, draws, seed));
      return NearestDirections.of(rows, columns, 1, false).maxima();
    }
  }

  /**
   * Draws g = μ + Σᵢ zᵢ (bᵢ − μ) / √F with independent standard normal z: exactly normal with the
   * mean and the covariance of the columns b, and no covariance matrix is factored.
   *
   * @return [draws, D]
   */
  static Tensor gaussian(Tensor columns, int draws, long seed) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor mean = Reductions.mean(columns, 0);
      Tensor rows = Tensors.empty(columns.dtype(), columns.device(), draws, columns.size(1));
      SeededRandom random = new SeededRandom(seed, "covariance-matched directions");
      Team.forEach(
          Range.split(draws, NearestDirections.tileRows(columns.size(0))),
          range -> draw(random, columns, mean, rows, range));
      return scope.keep(rows);
    }
  }

  private static void draw(
      SeededRandom random, Tensor columns, Tensor mean, Tensor rows, Range range) {
    int f = Math.toIntExact(columns.size(0));
    float[] z = new float[Math.multiplyExact(range.size(), f)];
    float[] sums = new float[range.size()];
    for (int row = 0; row < range.size(); row++) {
      double sum = 0;
      for (int i = 0; i < f; i++) {
        z[row * f + i] = (float) random.normal((long) (range.from() + row) * f + i);
        sum += z[row * f + i];
      }
      sums[row] = (float) (1 - sum / Math.sqrt(f));
    }
    try (TensorScope _ = TensorScope.open()) {
      Tensor spread = Products.multiply(Tensors.of(z, range.size(), f), columns);
      Tensor drawn = Arithmetic.multiplyInPlace(spread, 1 / Math.sqrt(f));
      Tensor centre = Arithmetic.multiply(Tensors.of(sums, range.size(), 1), mean);
      rows.narrow(0, range.from(), range.size()).assign(Arithmetic.addInPlace(drawn, centre));
    }
  }
}
