package dev.loupe.evaluate;

import dev.loupe.model.Hook;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Indexing;
import dev.loupe.tensor.Products;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.util.List;

/**
 * What the metrics need of the activations x of one output hook beside {@link DocumentSums}: Σx of
 * each resample, which makes the resampled mean exact in one pass without Σx of every document.
 * Groups are added in the order of the corpus. Owns float64 [1 + samples, d].
 */
final class TargetSums implements AutoCloseable {
  private final Hook hook;
  private final Resamples resamples;
  private final Tensor sums; // Σx, [1 + samples, d]

  TargetSums(Hook hook, Resamples resamples, long d) {
    this.hook = hook;
    this.resamples = resamples;
    this.sums = TensorScope.release(Tensors.zeros(DType.F64, Device.CPU, resamples.columns(), d));
  }

  /**
   * A group's targets in numbers.
   *
   * @param squares ‖x‖² of each token
   * @param centred ‖x − x̄‖² of each token, x̄ the mean of the group
   */
  @SuppressWarnings("ArrayRecordComponent") // two columns of numbers; never compared
  record Targets(double[] squares, double[] centred) {}

  /** Column of Σ‖x‖². */
  private static String squares(Hook hook) {
    return "squares." + hook;
  }

  /**
   * Sums the targets of a group.
   *
   * @param x [tokens, d]
   * @param rows of the tokens' documents in the sums
   */
  static Targets measure(Hook hook, Tensor x, int[] rows, GroupSums to) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor exact = x.to(DType.F64);
      double[] square = rowSquares(exact);
      double[] squares = to.sums().column(squares(hook));
      for (int token = 0; token < rows.length; token++) {
        squares[rows[token]] += square[token];
      }
      Tensor byDocument =
          Tensors.zeros(DType.F64, x.device(), to.sums().documents().length, x.size(1));
      Indexing.addRowsInPlace(byDocument, Tensors.of(rows, rows.length).to(x.device()), exact);
      to.targets().put(hook, TensorScope.release(byDocument.to(Device.CPU)));
      Tensor mean = Reductions.mean(exact, 0);
      return new Targets(square, rowSquares(Arithmetic.subtract(exact, mean)));
    }
  }

  /** Adds the next group. */
  void add(GroupSums group) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor weights = resamples.of(group.sums().documents());
      Products.addProductInPlace(sums, weights, group.targets().get(hook));
    }
  }

  /** ‖row‖² of each row of a float64 matrix. */
  static double[] rowSquares(Tensor x) {
    return Reductions.sum(Arithmetic.square(x), 1).doubles();
  }

  /**
   * Σ‖x − x̄‖² = Σ‖x‖² − ‖Σx‖² / n, x̄ the mean over the same tokens.
   *
   * @param totals of the same groups
   */
  Series centredSquares(DocumentSums totals) {
    try (TensorScope _ = TensorScope.open()) {
      List<Series> of =
          resamples.series(List.of(totals.sums(squares(hook)), totals.sums(GroupSums.TOKENS)));
      return of.get(0).minus(new Series(rowSquares(sums)).over(of.get(1)));
    }
  }

  @Override
  public void close() {
    sums.close();
  }
}
