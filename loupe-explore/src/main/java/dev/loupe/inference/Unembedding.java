package dev.loupe.inference;

import dev.loupe.model.Llama;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Products;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;

/**
 * What a direction in the residual stream does to next-token logits: (d ⊙ gain) · (W_U[t] − mean
 * W_U) / rms, with the final norm's rms as it is. Borrows the model, owns the mean.
 */
final class Unembedding implements AutoCloseable {
  private static final long ROWS = 8_192;

  private final Llama model;
  private final Tensor mean; // of the rows of W_U, float32 [1, D]

  private Unembedding(Llama model, Tensor mean) {
    this.model = model;
    this.mean = mean;
  }

  static Unembedding of(Llama model) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor all = model.unembedding();
      List<Tensor> sums = new ArrayList<>();
      for (long start = 0; start < all.size(0); start += ROWS) {
        try (TensorScope part = TensorScope.open()) {
          Tensor rows = all.narrow(0, start, Math.min(ROWS, all.size(0) - start)).to(DType.F32);
          sums.add(part.keep(Reductions.sumDouble(rows, 0)));
        }
      }
      Tensor sum = Reductions.sumDouble(Tensors.concat(sums, 0), 0);
      Tensor mean = Arithmetic.divide(sum, (double) all.size(0)).to(DType.F32);
      return new Unembedding(model, TensorScope.release(mean));
    }
  }

  /**
   * By what a row's product with a direction is its effect on a token's logit.
   *
   * @param residual after the last block, float32 [n, D]
   * @param targets for each row a token id
   * @return float32 [n, D], of the innermost scope
   */
  Tensor towards(Tensor residual, int[] targets) {
    Tensor ids =
        Tensors.of(java.util.stream.IntStream.of(targets).asLongStream().toArray(), targets.length);
    Tensor rows =
        dev.loupe.tensor.Indexing.rows(model.unembedding(), ids.to(model.device())).to(DType.F32);
    Tensor centred = Arithmetic.multiply(Arithmetic.subtract(rows, mean), model.finalGain());
    return Arithmetic.divide(centred, rms(residual));
  }

  /** The effect of one direction on all logits, centred, float32 [1, vocabulary]. */
  Tensor effects(Tensor direction, Tensor residual) {
    Tensor scaled =
        Arithmetic.divide(
            Arithmetic.multiply(direction.reshape(1, -1), model.finalGain()), rms(residual));
    Tensor logits = Products.linear(scaled.to(model.dtype()), model.unembedding()).to(DType.F32);
    return centred(logits);
  }

  /** Logits minus their mean over the vocabulary. */
  static Tensor centred(Tensor logits) {
    return Arithmetic.subtract(logits, Reductions.mean(logits, 1));
  }

  /** √(mean x² + ε) of each row, [n, 1]. */
  private Tensor rms(Tensor residual) {
    Tensor squares = Reductions.mean(Arithmetic.square(residual), 1);
    return Arithmetic.sqrt(Arithmetic.add(squares, model.config().normEpsilon()));
  }

  @Override
  public void close() {
    mean.close();
  }
}
