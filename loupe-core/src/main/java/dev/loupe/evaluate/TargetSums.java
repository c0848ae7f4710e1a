package dev.loupe.evaluate;

import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Indexing;
import dev.loupe.tensor.Products;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.util.Arrays;
import java.util.List;

/**
 * What the metrics need of the activations x of one output hook: squares by document, and Σx of
 * each resample, which makes the resampled mean exact in one pass without Σx of every document.
 * Owns float64 [1 + samples, d].
 */
final class TargetSums implements AutoCloseable {
  private final Resamples resamples;
  private final Tensor sums; // Σx, [1 + samples, d]
  private final double[] squares; // Σ‖x‖² by document
  private final double[] tokens; // by document

  TargetSums(Resamples resamples, long d) {
    this.resamples = resamples;
    this.sums = TensorScope.release(Tensors.zeros(DType.F64, Device.CPU, resamples.columns(), d));
    this.squares = new double[resamples.documents()];
    this.tokens = new double[resamples.documents()];
  }

  /**
   * A group's targets in numbers.
   *
   * @param squares ‖x‖² of each token
   * @param centred ‖x − x̄‖² of each token, x̄ the mean of the group
   */
  @SuppressWarnings("ArrayRecordComponent") // two columns of numbers; never compared
  record Targets(double[] squares, double[] centred) {}

  /** Adds a group of rows [tokens, d], of which each token's document is known. */
  Targets add(Tensor rows, int[] documents) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = rows.to(DType.F64);
      double[] square = rowSquares(x);
      for (int token = 0; token < documents.length; token++) {
        squares[documents[token]] += square[token];
        tokens[documents[token]]++;
      }
      addSums(x, documents);
      Tensor mean = Reductions.mean(x, 0);
      return new Targets(square, rowSquares(Arithmetic.subtract(x, mean)));
    }
  }

  private void addSums(Tensor x, int[] documents) {
    int[] some = Arrays.stream(documents).distinct().sorted().toArray();
    long[] local = Arrays.stream(documents).mapToLong(d -> Arrays.binarySearch(some, d)).toArray();
    Tensor byDocument = Tensors.zeros(DType.F64, x.device(), some.length, x.size(1));
    Indexing.addRowsInPlace(byDocument, Tensors.of(local, local.length).to(x.device()), x);
    Products.addProductInPlace(sums, resamples.of(some), byDocument.to(Device.CPU));
  }

  /** ‖row‖² of each row of a float64 matrix. */
  static double[] rowSquares(Tensor x) {
    return Reductions.sum(Arithmetic.square(x), 1).doubles();
  }

  /** Σ‖x − x̄‖² = Σ‖x‖² − ‖Σx‖² / n, x̄ the mean over the same tokens. */
  Series centredSquares() {
    try (TensorScope _ = TensorScope.open()) {
      List<Series> of = resamples.series(List.of(squares, tokens));
      return of.get(0).minus(new Series(rowSquares(sums)).over(of.get(1)));
    }
  }

  @Override
  public void close() {
    sums.close();
  }
}
