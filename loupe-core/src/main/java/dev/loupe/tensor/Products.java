package dev.loupe.tensor;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Matrix products and what is made of them. */
public final class Products {
  private Products() {}

  /** Matrix product over the last two dimensions. */
  public static Tensor multiply(Tensor a, Tensor b) {
    return Native.tensor(() -> torch.matmul(a.handle(), b.handle()));
  }

  /** x wᵀ for weights kept as [outputs, inputs]. */
  public static Tensor linear(Tensor x, Tensor weight) {
    return Native.tensor(() -> torch.linear(x.handle(), weight.handle()));
  }

  /** x wᵀ + bias for weights kept as [outputs, inputs]. */
  public static Tensor linear(Tensor x, Tensor weight, Tensor bias) {
    return Native.tensor(
        () -> torch.linear(x.handle(), weight.handle(), new TensorOptional(bias.handle())));
  }

  /** Eigenvectors of a symmetric matrix as columns, those of the smallest eigenvalues first. */
  public static Tensor eigenvectors(Tensor symmetric) {
    Native.Pair pair = Native.pair(() -> torch.linalg_eigh(symmetric.handle()));
    pair.first().close();
    return pair.second();
  }

  /** Writes a b into a matrix of the caller's. */
  public static Tensor multiplyInto(Tensor out, Tensor a, Tensor b) {
    Native.run(() -> torch.mm_out(out.handle(), a.handle(), b.handle()));
    return out;
  }

  /** c += a b, matrices. */
  public static Tensor addProductInPlace(Tensor c, Tensor a, Tensor b) {
    Native.run(() -> c.handle().addmm_(a.handle(), b.handle()));
    return c;
  }

  /**
   * softmax(q kᵀ / √head) v with each query seeing the keys up to its own position. Each run of
   * heads / keyHeads query heads shares a head of keys and values.
   *
   * @param q [batch, heads, positions, head]
   * @param k [batch, keyHeads, positions, head]
   * @param v [batch, keyHeads, positions, head]
   * @param causal false where every query sees every key
   */
  public static Tensor attention(Tensor q, Tensor k, Tensor v, boolean causal) {
    return Native.tensor(() ->
        torch.scaled_dot_product_attention(
            q.handle(),
            k.handle(),
            v.handle(),
            new TensorOptional(),
            0.0,
            causal,
            new DoubleOptional(),
            true));
  }

  /**
   * For each row the sum of scale · table row over its part of a list: out[i] = Σ scales[j] ·
   * table[indices[j]], j from offsets[i] to offsets[i + 1].
   *
   * @param table [entries, d]
   * @param indices I32 [n]
   * @param offsets I32 [rows + 1]
   * @param scales [n], the table's type
   */
  public static Tensor sumRows(Tensor table, Tensor indices, Tensor offsets, Tensor scales) {
    return Native.tensor(() ->
        torch
            .embedding_bag(
                table.handle(),
                indices.handle(),
                offsets.handle(),
                false,
                0,
                false,
                new TensorOptional(scales.handle()),
                true)
            .get0());
  }
}
