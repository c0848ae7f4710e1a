package dev.loupe.model;

import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Indexing;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;

/** Next-token losses, in nats, by chunks of positions: [positions, vocabulary] stays small. */
public final class NextToken {
  /** Logits of a chunk: 64 MB of float32. */
  private static final long CHUNK_ELEMENTS = 1 << 24;

  private NextToken() {}

  /** Positions whose logits are computed together. */
  public static int chunk(Llama model) {
    return (int) Math.max(16, CHUNK_ELEMENTS / model.config().vocabularySize());
  }

  /**
   * −log p of each next token.
   *
   * @param residual [batch, positions, D] after the last block
   * @param ids I64 [batch, positions]
   * @return float32 [batch, positions − 1], the caller's
   */
  public static Tensor losses(Llama model, Tensor residual, Tensor ids) {
    try (TensorScope scope = TensorScope.open()) {
      long batch = ids.size(0);
      long positions = ids.size(1) - 1;
      long d = residual.size(2);
      Tensor rows = residual.narrow(1, 0, positions).reshape(-1, d);
      Tensor targets = ids.to(model.device()).narrow(1, 1, positions).reshape(-1);
      List<Tensor> parts = new ArrayList<>();
      int chunk = chunk(model);
      for (long start = 0; start < rows.size(0); start += chunk) {
        long count = Math.min(chunk, rows.size(0) - start);
        try (TensorScope chunkScope = TensorScope.open()) { // else the logits of all chunks stay
          Tensor logits = model.logits(rows.narrow(0, start, count));
          parts.add(chunkScope.keep(losses(logits, targets.narrow(0, start, count))));
        }
      }
      if (parts.isEmpty()) {
        return scope.keep(Tensors.zeros(DType.F32, residual.device(), batch, 0));
      }
      return scope.keep(Tensors.concat(parts, 0).reshape(batch, positions));
    }
  }

  /** −log p of a target for each row of logits [n, vocabulary]: [n], the caller's. */
  public static Tensor losses(Tensor logits, Tensor targets) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor chosen = Indexing.gather(logits, targets.reshape(-1, 1));
      return scope.keep(Arithmetic.subtract(Reductions.logSumExp(logits, 1), chosen).reshape(-1));
    }
  }
}
