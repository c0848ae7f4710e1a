package dev.loupe.model;

import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Products;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import java.util.Arrays;

/**
 * One transformer block's weights and what it computes. The weights belong to the model; the gains
 * are float32, the others have the type that the model was loaded in. What goes in and out is
 * float32.
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

  /** In float32 throughout: see {@link #exact}. */
  private Tensor attention(Tensor x, Rope.Tables rope, KeyValueCache cache) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor q = rope.rotate(heads(exact(x, query)));
      Tensor k = rope.rotate(heads(exact(x, key)));
      Tensor v = heads(exact(x, value));
      KeyValueCache.Past past = cache.extend(layer, k, v);
      // a lone new position sees all keys; several are only run from an empty cache
      boolean causal = q.size(2) > 1;
      Tensor mixed = Products.attention(q, past.keys(), past.values(), causal);
      Tensor joined = mixed.transpose(1, 2).reshape(x.size(0), x.size(1), -1);
      return scope.keep(exact(joined, output));
    }
  }

  /** [batch, positions, heads · head] as [batch, heads, positions, head]. */
  private Tensor heads(Tensor x) {
    return x.reshape(x.size(0), x.size(1), -1, config.headSize()).transpose(1, 2);
  }

  private Tensor mlp(Tensor x) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor rounded = x.to(gate.dtype());
      Tensor gated = Arithmetic.siluInPlace(product(rounded, gate));
      Tensor middle = Arithmetic.multiplyInPlace(gated, product(rounded, up));
      return scope.keep(product(middle, down));
    }
  }

  private Tensor normalise(Tensor x, Tensor gain) {
    return normalise(x, gain, config.normEpsilon());
  }

  private Tensor rms(Tensor x) {
    return rms(x, config.normEpsilon());
  }

  /** x wᵀ computed in the type of the weights, to which x and the result are rounded; float32. */
  static Tensor product(Tensor x, Tensor weight) {
    return Products.linear(x.to(weight.dtype()), weight).to(DType.F32);
  }

  /**
   * x wᵀ in float32, of which only the weights are rounded. With the rounding of {@link #product}
   * in attention, a bfloat16 model's activations are 1.5 % from a float32 model's, without it 0.9 %
   * (docs/decisions/bfloat16.md).
   */
  private static Tensor exact(Tensor x, Tensor weight) {
    return Products.linear(x, weight.to(DType.F32));
  }

  /** x · gain / √(mean x² + ε). */
  static Tensor normalise(Tensor x, Tensor gain, double epsilon) {
    return Arithmetic.multiplyInPlace(rms(x, epsilon), gain);
  }

  /** x / √(mean x² + ε). */
  static Tensor rms(Tensor x, double epsilon) {
    Tensor meanSquare = Reductions.mean(Arithmetic.square(x), -1);
    return Arithmetic.multiply(x, Arithmetic.rsqrt(Arithmetic.addInPlace(meanSquare, epsilon)));
  }
}
