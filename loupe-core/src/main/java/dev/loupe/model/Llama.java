package dev.loupe.model;

import dev.loupe.safetensors.TensorFingerprint;
import dev.loupe.safetensors.TensorSource;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Indexing;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A Llama-family language model with its weights: embedding, blocks, unembedding.
 *
 * <p>Weights are kept in the type that the model was loaded in, in which the products of the MLP
 * and the unembedding, most of the work, are computed. The residual stream, the norms, attention
 * and every activation that a {@link Probe} sees or replaces are float32, whatever that type is.
 *
 * <p>Owns its weights until closed. Several threads may run it at once; none may use it while it is
 * closed.
 */
public final class Llama implements AutoCloseable {
  private final LlamaConfig config;
  private final String fingerprint;
  private final ModelWeights weights;
  private final Tensor embedding; // [vocabulary, D]
  private final Tensor finalGain; // [D]
  private final Tensor unembedding; // [vocabulary, D]
  private final List<Block> blocks = new ArrayList<>();

  private Llama(LlamaConfig config, String fingerprint, ModelWeights weights) {
    this.config = config;
    this.fingerprint = fingerprint;
    this.weights = weights;
    long d = config.hiddenSize();
    long queries = (long) config.heads() * config.headSize();
    long keys = (long) config.keyValueHeads() * config.headSize();
    long middle = config.intermediateSize();
    embedding = weights.matrix("model.embed_tokens.weight", config.vocabularySize(), d);
    finalGain = weights.gain("model.norm.weight", d);
    unembedding =
        config.tied() ? embedding : weights.matrix("lm_head.weight", config.vocabularySize(), d);
    for (int layer = 0; layer < config.layers(); layer++) {
      String prefix = "model.layers." + layer + ".";
      blocks.add(
          new Block(
              layer,
              config,
              weights.gain(prefix + "input_layernorm.weight", d),
              weights.matrix(prefix + "self_attn.q_proj.weight", queries, d),
              weights.matrix(prefix + "self_attn.k_proj.weight", keys, d),
              weights.matrix(prefix + "self_attn.v_proj.weight", keys, d),
              weights.matrix(prefix + "self_attn.o_proj.weight", d, queries),
              weights.gain(prefix + "post_attention_layernorm.weight", d),
              weights.matrix(prefix + "mlp.gate_proj.weight", middle, d),
              weights.matrix(prefix + "mlp.up_proj.weight", middle, d),
              weights.matrix(prefix + "mlp.down_proj.weight", d, middle)));
    }
    weights.refuseUnused(config.tied());
  }

  /**
   * Loads a folder in the Hugging Face layout; the caller closes the model.
   *
   * @param dtype that the weights are rounded to, and the products of the MLP computed in
   */
  public static Llama load(Path directory, DType dtype, Device device) {
    LlamaConfig config = LlamaConfig.read(directory);
    try (TensorSource source = TensorSource.openModel(directory)) {
      ModelWeights weights = new ModelWeights(source, dtype, device);
      try {
        return new Llama(config, TensorFingerprint.of(source, config.toString()), weights);
      } catch (RuntimeException | Error e) {
        weights.close();
        throw e;
      }
    }
  }

  public LlamaConfig config() {
    return config;
  }

  /** SHA-256 over the configuration and a sample of every tensor, whatever type it runs in. */
  public String fingerprint() {
    return fingerprint;
  }

  /** Type of the weights and of most products; activations are float32 nevertheless. */
  public DType dtype() {
    return embedding.dtype();
  }

  public Device device() {
    return embedding.device();
  }

  /** Gain of the final norm, float32 [D], borrowed. */
  public Tensor finalGain() {
    return finalGain;
  }

  /** W_U as [vocabulary, D] in the type of the weights, borrowed. */
  public Tensor unembedding() {
    return unembedding;
  }

  /** Layers that must run to pass all of these hooks: the deepest one's number plus one. */
  public static int layersFor(Set<Hook> hooks) {
    return hooks.stream().mapToInt(hook -> hook.layer() + 1).max().orElse(0);
  }

  /**
   * Runs the first blocks over whole contexts, padded on the right.
   *
   * @param ids I64 [batch, positions]
   * @param layers how many blocks to run, all or fewer
   * @return float32 residual [batch, positions, D] after the last of them, the caller's
   */
  public Tensor forward(Tensor ids, int layers, Probe probe) {
    return run(ids, layers, KeyValueCache.NONE, probe);
  }

  /** As {@link #forward} with all blocks, where the ids follow on those in the cache. */
  Tensor forward(Tensor ids, KeyValueCache cache, Probe probe) {
    return run(ids, config.layers(), cache, probe);
  }

  private Tensor run(Tensor ids, int layers, KeyValueCache cache, Probe probe) {
    try (TensorScope scope = TensorScope.open()) {
      checkIds(ids, cache.positions());
      checkLayers(layers);
      Tensor residual = Indexing.embedding(embedding, ids.to(device())).to(DType.F32);
      return scope.keep(blocks(residual, 0, layers, cache, probe));
    }
  }

  /**
   * Runs the rest of the model from a residual, as after splicing.
   *
   * @param from where the residual is: RESID_MID or RESID_POST of a block
   * @param residual float32 [batch, positions, D]
   * @return float32 residual [batch, positions, D] after the last block, the caller's
   */
  public Tensor resume(Hook from, Tensor residual, Probe probe) {
    if (from.layer() >= config.layers()) {
      throw new IllegalArgumentException(
          "expected a hook of the model's " + config.layers() + " layers, got " + from);
    }
    try (TensorScope scope = TensorScope.open()) {
      Tensor after =
          switch (from.point()) {
            case RESID_MID -> blocks.get(from.layer()).fromMiddle(residual, probe);
            case RESID_POST -> residual.share();
            case RESID_PRE, ATTN_OUT, LN2_NORMALIZED, MLP_OUT ->
                throw new IllegalArgumentException(
                    "expected hook_resid_mid or hook_resid_post to go on from, got " + from);
          };
      return scope.keep(
          blocks(after, from.layer() + 1, config.layers(), KeyValueCache.NONE, probe));
    }
  }

  /** Closes each block's input once the next has been computed; the first is the caller's. */
  private Tensor blocks(Tensor residual, int from, int to, KeyValueCache cache, Probe probe) {
    try (TensorScope scope = TensorScope.open()) {
      int positions = (int) residual.size(1);
      Rope.Tables rope =
          config.rope().tables(config.headSize(), cache.positions(), positions, device());
      Tensor current = residual.share();
      for (int layer = from; layer < to; layer++) {
        Tensor next = blocks.get(layer).forward(current, rope, cache, probe);
        current.close();
        current = next;
      }
      return scope.keep(current);
    }
  }

  /**
   * Next-token logits.
   *
   * @param residual float32 [.., D] after the last block
   * @return float32 [.., vocabulary], the caller's
   */
  public Tensor logits(Tensor residual) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor normalised = Block.normalise(residual, finalGain, config.normEpsilon());
      return scope.keep(Block.product(normalised, unembedding));
    }
  }

  private void checkIds(Tensor ids, int before) {
    long positions = before + ids.size(1);
    if (positions > config.maxPositions()) {
      throw new IllegalArgumentException(
          "expected at most %d positions, for which the model was made, got %d; use a shorter context"
              .formatted(config.maxPositions(), positions));
    }
    if (before > 0 && ids.size(1) != 1) { // the causal mask knows of no past
      throw new IllegalArgumentException(
          "expected one new position after the %d in the cache, got %d"
              .formatted(before, ids.size(1)));
    }
    for (long id : ids.longs()) {
      if (id < 0 || id >= config.vocabularySize()) {
        throw new IllegalArgumentException(
            "expected ids from 0 to %d, got %d; is the tokenizer another model's?"
                .formatted(config.vocabularySize() - 1, id));
      }
    }
  }

  private void checkLayers(int layers) {
    if (layers < 0 || layers > config.layers()) {
      throw new IllegalArgumentException(
          "expected to run 0 to %d layers, got %d".formatted(config.layers(), layers));
    }
  }

  @Override
  public void close() {
    weights.close();
  }
}
