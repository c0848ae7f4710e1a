package dev.loupe.model;

import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Products;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import java.util.Arrays;

/**
 * One transformer block's weights and what it computes. The weights belong to the model.
 *
 * @param query [heads · head, D]
 * @param key [keyValueHeads · head, D]
 * @param value [keyValueHeads · head, D]
 * @param output W_O, [D, heads · head]
 * @param gate [intermediate, D]
 * @param up [intermediate, D]
 * @param down [D, intermediate]
 */
record Block(
    int layer,
    LlamaConfig config,
    Tensor attentionGain,
    Tensor query,
    Tensor key,
    Tensor value,
    Tensor output,
    Tensor mlpGain,
    Tensor gate,
    Tensor up,
    Tensor down) {

  /** Residual [batch, positions, D] after this block; the caller owns it. */
  Tensor forward(Tensor residual, Rope.Tables rope, KeyValueCache cache, Probe probe) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor before = seen(probe, Hook.Point.RESID_PRE, residual);
      Tensor attention = attention(normalise(before, attentionGain), rope, cache);
      attention = seen(probe, Hook.Point.ATTN_OUT, attention);
      return scope.keep(fromMiddle(Arithmetic.add(before, attention), probe));
    }
  }

  /** As {@link #forward}, from the residual between attention and MLP on. */
  Tensor fromMiddle(Tensor residual, Probe probe) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor middle = seen(probe, Hook.Point.RESID_MID, residual);
      Tensor normalised = seen(probe, Hook.Point.LN2_NORMALIZED, rms(middle));
      Tensor mlp = mlp(Arithmetic.multiply(normalised, mlpGain));
      mlp = seen(probe, Hook.Point.MLP_OUT, mlp);
      Tensor after = Arithmetic.add(middle, mlp);
      // a probe may answer with a tensor of an outer scope: the handle that leaves is always new
      return scope.keep(seen(probe, Hook.Point.RESID_POST, after).share());
    }
  }

  private Tensor seen(Probe probe, Hook.Point point, Tensor activation) {
    Hook hook = new Hook(layer, point);
    Tensor next = probe.at(hook, activation);
    // another shape could be repeated to this one and go unnoticed
    if (next.dtype() != activation.dtype() || !Arrays.equals(next.shape(), activation.shape())) {
      throw new IllegalStateException(
          "expected %s in place of %s, got %s"
              .formatted(activation.describe(), hook, next.describe()));
    }
    return next;
  }

  private Tensor attention(Tensor x, Rope.Tables rope, KeyValueCache cache) {
    Tensor q = rope.rotate(heads(Products.linear(x, query), config.heads()));
    Tensor k = rope.rotate(heads(Products.linear(x, key), config.keyValueHeads()));
    Tensor v = heads(Products.linear(x, value), config.keyValueHeads());
    KeyValueCache.Past past = cache.extend(layer, k, v);
    // a lone new position sees all keys; several are only run from an empty cache
    boolean causal = q.size(2) > 1;
    Tensor mixed = Products.attention(q, shared(past.keys()), shared(past.values()), causal);
    Tensor joined = mixed.transpose(1, 2).reshape(x.size(0), x.size(1), -1);
    return Products.linear(joined, output);
  }

  /** [batch, positions, heads · head] as [batch, heads, positions, head]. */
  private Tensor heads(Tensor x, int heads) {
    return x.reshape(x.size(0), x.size(1), heads, config.headSize()).transpose(1, 2);
  }

  /** Keys or values repeated for the query heads that share them. */
  private Tensor shared(Tensor x) {
    int group = config.heads() / config.keyValueHeads();
    if (group == 1) {
      return x;
    }
    return x.unsqueeze(2)
        .expand(x.size(0), x.size(1), group, x.size(2), x.size(3))
        .reshape(x.size(0), config.heads(), x.size(2), x.size(3));
  }

  private Tensor mlp(Tensor x) {
    Tensor gated = Arithmetic.silu(Products.linear(x, gate));
    return Products.linear(Arithmetic.multiplyInPlace(gated, Products.linear(x, up)), down);
  }

  private Tensor normalise(Tensor x, Tensor gain) {
    return Arithmetic.multiply(rms(x), gain);
  }

  private Tensor rms(Tensor x) {
    return rms(x, config.normEpsilon());
  }

  /** x / √(mean x² + ε), computed in float32, in x's type. */
  static Tensor rms(Tensor x, double epsilon) {
    Tensor wide = x.to(DType.F32);
    Tensor meanSquare = Reductions.mean(Arithmetic.square(wide), -1);
    return Arithmetic.multiply(wide, Arithmetic.rsqrt(Arithmetic.addInPlace(meanSquare, epsilon)))
        .to(x.dtype());
  }
}
