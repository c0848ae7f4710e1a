package dev.loupe.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.files.FileFormatException;
import dev.loupe.files.Json;
import dev.loupe.tensor.DType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/**
 * The shape of a Llama-family model, from a Hugging Face {@code config.json}.
 *
 * <p>What would change the computation and is not known here is refused by name: better no model
 * than another model.
 *
 * @param hiddenSize D, the width of the residual stream
 * @param intermediateSize width of the MLP
 * @param layers number of blocks
 * @param heads query heads
 * @param keyValueHeads key and value heads, each shared by heads / keyValueHeads query heads
 * @param headSize width of a head
 * @param vocabularySize rows of the embedding
 * @param maxPositions longest context that the model was made for
 * @param normEpsilon added to the mean square in the RMS norms
 * @param rope rotary embedding
 * @param tied whether the unembedding is the embedding
 * @param dtype the type that the weights are published in
 */
public record LlamaConfig(
    int hiddenSize,
    int intermediateSize,
    int layers,
    int heads,
    int keyValueHeads,
    int headSize,
    int vocabularySize,
    int maxPositions,
    double normEpsilon,
    Rope rope,
    boolean tied,
    DType dtype) {

  private static final Set<String> READ_HERE =
      Set.of(
          "model_type",
          "hidden_act",
          "hidden_size",
          "intermediate_size",
          "num_hidden_layers",
          "num_attention_heads",
          "num_key_value_heads",
          "head_dim",
          "vocab_size",
          "max_position_embeddings",
          "rms_norm_eps",
          "rope_theta",
          "rope_scaling",
          "rope_parameters",
          "tie_word_embeddings",
          "torch_dtype",
          "dtype",
          "layer_types",
          "pretraining_tp");

  /** Keys that say nothing about what the forward pass computes. */
  private static final Set<String> HARMLESS =
      Set.of(
          "architectures",
          "transformers_version",
          "use_cache",
          "initializer_range",
          "bos_token_id",
          "eos_token_id",
          "pad_token_id",
          "unk_token_id",
          "attention_dropout",
          "_name_or_path",
          "_attn_implementation_autoset",
          "is_llama_config",
          "return_dict",
          "output_hidden_states",
          "output_attentions",
          "transformers.js_config",
          "unsloth_version",
          "unsloth_fixed",
          "id2label",
          "label2id",
          "max_length");

  public LlamaConfig {
    if (heads % keyValueHeads != 0) {
      throw new IllegalArgumentException(
          "expected num_key_value_heads that divides num_attention_heads, got "
              + keyValueHeads
              + " and "
              + heads);
    }
    if (headSize % 2 != 0) {
      throw new IllegalArgumentException(
          "expected an even head_dim for rotary embeddings, got " + headSize);
    }
  }

  /** Reads {@code config.json} of a model's folder. */
  public static LlamaConfig read(Path directory) {
    Path file = directory.resolve("config.json");
    if (!Files.isDirectory(directory)) {
      throw new IllegalArgumentException(
          "expected a model folder in the Hugging Face layout, got "
              + directory
              + " which is no folder; bundled models are demo, demo-chat and demo-random");
    }
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException("no config.json in the model folder " + directory);
    }
    ObjectNode config = Json.readObject(file);
    try {
      return from(config);
    } catch (IllegalArgumentException e) {
      throw new FileFormatException(file, String.valueOf(e.getMessage()));
    }
  }

  static LlamaConfig from(ObjectNode config) {
    refuseUnknown(config);
    int hidden = integer(config, "hidden_size");
    int heads = integer(config, "num_attention_heads");
    return new LlamaConfig(
        hidden,
        integer(config, "intermediate_size"),
        integer(config, "num_hidden_layers"),
        heads,
        config.hasNonNull("num_key_value_heads") ? integer(config, "num_key_value_heads") : heads,
        config.hasNonNull("head_dim") ? integer(config, "head_dim") : hidden / heads,
        integer(config, "vocab_size"),
        integer(config, "max_position_embeddings"),
        normEpsilon(config),
        Rope.from(config),
        tied(config),
        DType.parse(config.path("torch_dtype").asText(config.path("dtype").asText("float32"))));
  }

  private static void refuseUnknown(ObjectNode config) {
    expect(config, "model_type", "llama");
    expect(config, "hidden_act", "silu");
    if (config.path("pretraining_tp").asInt(1) != 1) {
      throw refused("pretraining_tp", config.get("pretraining_tp"), "1");
    }
    for (JsonNode type : config.path("layer_types")) {
      if (!type.asText().equals("full_attention")) {
        throw refused("layer_types", type, "full_attention");
      }
    }
    for (var entry : config.properties()) {
      JsonNode value = entry.getValue();
      boolean off = value.isNull() || (value.isBoolean() && !value.booleanValue());
      if (!off && !READ_HERE.contains(entry.getKey()) && !HARMLESS.contains(entry.getKey())) {
        throw refused(entry.getKey(), value, "it absent, null or false");
      }
    }
  }

  private static void expect(ObjectNode config, String key, String value) {
    if (!config.path(key).asText().equals(value)) {
      throw refused(key, config.path(key), "\"" + value + "\"");
    }
  }

  private static IllegalArgumentException refused(String key, JsonNode value, String expected) {
    return new IllegalArgumentException(
        "a model with \"%s\": %s is not supported (expected %s): Loupe would compute something else than the model does"
            .formatted(key, value.isMissingNode() ? "absent" : value, expected));
  }

  private static double normEpsilon(ObjectNode config) {
    JsonNode value = config.path("rms_norm_eps");
    if (value.isMissingNode()) {
      return 1e-6; // transformers' default
    }
    if (!value.isNumber()) {
      throw new IllegalArgumentException("expected a number as \"rms_norm_eps\", got " + value);
    }
    return value.doubleValue();
  }

  private static boolean tied(ObjectNode config) {
    JsonNode value = config.path("tie_word_embeddings");
    if (!value.isMissingNode() && !value.isBoolean()) {
      throw new IllegalArgumentException(
          "expected true or false as \"tie_word_embeddings\", got " + value);
    }
    return value.booleanValue();
  }

  private static int integer(ObjectNode config, String key) {
    JsonNode value = config.path(key);
    if (!value.isInt() || value.intValue() < 1) {
      throw new IllegalArgumentException(
          "expected a whole number of 1 or more as \"%s\", got %s"
              .formatted(key, value.isMissingNode() ? "nothing" : value));
    }
    return value.intValue();
  }
}
