package dev.loupe.model;

import dev.loupe.files.AtomicFile;
import dev.loupe.safetensors.SafetensorsWriter;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * A model of one block, of the shape of another model's or a whole number of times narrower, with
 * arbitrary weights: to find out how fast the other would be without having its weights.
 */
public final class SampleModel {
  private static final int VOCABULARY = 256;
  private static final int WIDEST = 1_024;

  private SampleModel() {}

  /**
   * Writes it, config and weights without a tokenizer.
   *
   * @param folder that exists
   */
  public static void write(Path folder, LlamaConfig like) {
    int narrower = narrower(like);
    int d = like.hiddenSize() / narrower;
    int heads = Math.max(1, like.heads() / narrower);
    int keys = Math.max(1, like.keyValueHeads() / narrower);
    keys = heads % keys == 0 ? keys : heads;
    int middle = like.intermediateSize() / narrower;
    AtomicFile.writeJson(folder.resolve("config.json"), config(like, d, heads, keys, middle));
    try (TensorScope _ = TensorScope.open()) {
      SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
      String block = "model.layers.0.";
      tensors.put("model.embed_tokens.weight", weights(VOCABULARY, d));
      tensors.put("model.norm.weight", gain(d));
      tensors.put(block + "input_layernorm.weight", gain(d));
      tensors.put(block + "self_attn.q_proj.weight", weights(heads * like.headSize(), d));
      tensors.put(block + "self_attn.k_proj.weight", weights(keys * like.headSize(), d));
      tensors.put(block + "self_attn.v_proj.weight", weights(keys * like.headSize(), d));
      tensors.put(block + "self_attn.o_proj.weight", weights(d, heads * like.headSize()));
      tensors.put(block + "post_attention_layernorm.weight", gain(d));
      tensors.put(block + "mlp.gate_proj.weight", weights(middle, d));
      tensors.put(block + "mlp.up_proj.weight", weights(middle, d));
      tensors.put(block + "mlp.down_proj.weight", weights(d, middle));
      SafetensorsWriter.write(folder.resolve("model.safetensors"), tensors, Map.of());
    }
  }

  /**
   * Multiplications that a token takes in the blocks of a model.
   *
   * @param positions of its context
   */
  public static double multiplications(LlamaConfig model, int positions) {
    double queries = (double) model.heads() * model.headSize();
    double keys = (double) model.keyValueHeads() * model.headSize();
    double d = model.hiddenSize();
    double block =
        2 * d * (queries + keys) + 3 * d * model.intermediateSize() + queries * positions;
    return model.layers() * block;
  }

  /** A power of two that leaves at most {@value #WIDEST} dimensions. */
  private static int narrower(LlamaConfig like) {
    int narrower = 1;
    while (like.hiddenSize() / narrower > WIDEST && like.heads() % (2 * narrower) == 0) {
      narrower *= 2;
    }
    return narrower;
  }

  private static Map<String, Object> config(
      LlamaConfig like, int d, int heads, int keys, int middle) {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("model_type", "llama");
    config.put("hidden_act", "silu");
    config.put("hidden_size", d);
    config.put("intermediate_size", middle);
    config.put("num_hidden_layers", 1);
    config.put("num_attention_heads", heads);
    config.put("num_key_value_heads", keys);
    config.put("head_dim", like.headSize());
    config.put("vocab_size", VOCABULARY);
    config.put("max_position_embeddings", like.maxPositions());
    config.put("rms_norm_eps", like.normEpsilon());
    config.put("rope_theta", like.rope().theta());
    config.put("tie_word_embeddings", true);
    config.put("torch_dtype", "float32");
    return config;
  }

  /** Values of the usual size, spread evenly; which ones does not matter. */
  private static Tensor weights(int rows, int columns) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = 0.05f * ((i * 0x9E3779B9) >> 8) / (1 << 23);
    }
    return Tensors.of(values, rows, columns);
  }

  private static Tensor gain(int d) {
    float[] ones = new float[d];
    Arrays.fill(ones, 1);
    return Tensors.of(ones, d);
  }
}
