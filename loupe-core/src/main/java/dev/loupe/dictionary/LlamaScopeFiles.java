package dev.loupe.dictionary;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.files.AtomicFile;
import dev.loupe.files.FileFormatException;
import dev.loupe.files.Json;
import dev.loupe.model.Hook;
import dev.loupe.safetensors.SafetensorsFile;
import dev.loupe.safetensors.SafetensorsWriter;
import dev.loupe.safetensors.TensorSource;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Llama Scope's own files: {@code hyperparams.json}, {@code lm_config.json} and {@code
 * checkpoints/final.safetensors} with encoder.weight [F, D], encoder.bias [F], decoder.weight [D,
 * F], decoder.bias [D].
 *
 * <p>A published folder holds the weights as trained, the mean norms, and the threshold in raw
 * units for unit decoder columns: on the weights as they are the gate is per feature, threshold /
 * ‖decoder column‖.
 */
final class LlamaScopeFiles {
  static final String FINAL = "checkpoints/final.safetensors";
  static final String RAW = "checkpoints/raw.safetensors";
  private static final String HYPERPARAMS = "hyperparams.json";
  private static final String LM_CONFIG = "lm_config.json";

  private LlamaScopeFiles() {}

  /** The contract that a published folder implies, and its name's layer and site. */
  static Contract readContract(Path folder) {
    Path file = folder.resolve(HYPERPARAMS);
    ObjectNode json = Json.readObject(file);
    try {
      return contract(json, folder);
    } catch (IllegalArgumentException e) {
      throw new FileFormatException(file, String.valueOf(e.getMessage()));
    }
  }

  private static Contract contract(ObjectNode json, Path folder) {
    refuse(json, "use_glu_encoder", false);
    refuse(json, "apply_decoder_bias_to_pre_encoder", false);
    refuse(json, "sparsity_include_decoder_norm", true);
    refuse(json, "use_decoder_bias", true);
    int d = whole(json, "d_model");
    int features = whole(json, "d_sae");
    Hook in = hook(json, "hook_point_in");
    Hook out = hook(json, "hook_point_out");
    DictionaryName name =
        new DictionaryName(in.layer(), Site.of(in, out), features / d, variant(folder));
    Scale scale = scale(json);
    return new Contract(
        Contract.FORMAT,
        name,
        List.of(in),
        List.of(out),
        Contract.Form.AS_TRAINED,
        scale,
        scale,
        gate(json),
        true,
        DType.parse(json.path("dtype").asText("float32")).torchName(),
        new Contract.TokenPolicy(true, List.of(), Optional.empty()),
        "",
        "",
        "",
        Optional.empty());
  }

  /** Size of the activations that a dictionary reads. */
  static int readWidth(Path folder) {
    Path file = folder.resolve(HYPERPARAMS);
    try {
      return whole(Json.readObject(file), "d_model");
    } catch (IllegalArgumentException e) {
      throw new FileFormatException(file, String.valueOf(e.getMessage()));
    }
  }

  /** K, which published folders name beside a JumpReLU threshold. */
  static Optional<Gate> readTopK(Path folder) {
    JsonNode k = settings(folder, HYPERPARAMS).path("top_k");
    return k.isInt() && k.intValue() > 0
        ? Optional.of(new Gate.TopK(k.intValue()))
        : Optional.empty();
  }

  /** The JumpReLU threshold, where a folder with another gate names one. */
  static Optional<Gate> readJumpRelu(Path folder) {
    JsonNode threshold = settings(folder, HYPERPARAMS).path("jump_relu_threshold");
    return threshold.isNumber() && threshold.doubleValue() > 0
        ? Optional.of(new Gate.JumpRelu(threshold.doubleValue()))
        : Optional.empty();
  }

  /** The language model's name, {@code unknown} where there is none. */
  static String readModel(Path folder) {
    return settings(folder, LM_CONFIG).path("model_name").asText("unknown");
  }

  private static JsonNode settings(Path folder, String name) {
    Path file = folder.resolve(name);
    return Files.exists(file) ? Json.readObject(file) : MissingNode.getInstance();
  }

  private static Hook hook(ObjectNode json, String key) {
    if (!json.path(key).isTextual()) {
      throw new IllegalArgumentException("expected a hook as " + key + ", got " + json.path(key));
    }
    return Hook.parse(json.path(key).textValue());
  }

  private static String variant(Path folder) {
    try {
      return DictionaryName.parse(String.valueOf(folder.getFileName())).variant();
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  private static Gate gate(ObjectNode json) {
    String function = json.path("act_fn").asText();
    return switch (function) {
      case "jumprelu" -> {
        if (!json.path("jump_relu_threshold").isNumber()) {
          throw new IllegalArgumentException("expected a number as jump_relu_threshold");
        }
        yield new Gate.JumpRelu(json.path("jump_relu_threshold").doubleValue());
      }
      case "topk" -> new Gate.TopK(whole(json, "top_k"));
      case "relu" -> new Gate.Relu();
      default ->
          throw new IllegalArgumentException(
              "expected act_fn jumprelu, topk or relu, got '" + function + "'");
    };
  }

  private static Scale scale(ObjectNode json) {
    String kind = json.path("norm_activation").asText();
    if (!kind.equals("dataset-wise")) {
      throw new IllegalArgumentException(
          "expected norm_activation dataset-wise, got '" + kind + "'");
    }
    JsonNode norms = json.path("dataset_average_activation_norm");
    if (!norms.path("in").isNumber() || !norms.path("out").isNumber()) {
      throw new IllegalArgumentException(
          "expected numbers in and out in dataset_average_activation_norm, got " + norms);
    }
    return new Scale(norms.path("in").doubleValue(), norms.path("out").doubleValue());
  }

  private static void refuse(ObjectNode json, String key, boolean expected) {
    if (json.path(key).asBoolean(expected) != expected) {
      throw new IllegalArgumentException(
          "a dictionary with " + key + " " + !expected + " is not supported");
    }
  }

  private static int whole(ObjectNode json, String key) {
    if (!json.path(key).isInt() || json.path(key).intValue() < 1) {
      throw new IllegalArgumentException("expected a whole number of 1 or more as " + key);
    }
    return json.path(key).intValue();
  }

  /** Reads the four tensors, as float32 and feature-major; the caller owns them. */
  static Weights readWeights(Path file) {
    try (TensorScope _ = TensorScope.open();
        TensorSource source = SafetensorsFile.open(file)) {
      long features = length(source, "encoder.bias");
      long out = length(source, "decoder.bias");
      long[] shape = source.entry("encoder.weight").shape();
      if (shape.length != 2) {
        throw new FileFormatException(
            file, "expected encoder.weight [F, D], got rank " + shape.length);
      }
      long in = shape[0] == features ? shape[1] : shape[0];
      return Weights.owned(
          f32(source.read("encoder.weight", features, in)),
          f32(source.read("encoder.bias", features)),
          f32(source.read("decoder.weight", out, features).transpose(0, 1).contiguous()),
          f32(source.read("decoder.bias", out)));
    }
  }

  private static long length(TensorSource source, String name) {
    long[] shape = source.entry(name).shape();
    if (shape.length != 1 || shape[0] < 1) {
      throw new FileFormatException(
          source.path(), "expected %s [n], got %s".formatted(name, Arrays.toString(shape)));
    }
    return shape[0];
  }

  private static Tensor f32(Tensor tensor) {
    return tensor.to(DType.F32);
  }

  /** Writes the four tensors under their names and in their layout. */
  static void writeWeights(Path file, Weights weights, DType dtype) {
    try (TensorScope _ = TensorScope.open()) {
      SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
      tensors.put("encoder.weight", weights.encoder().to(dtype));
      tensors.put("encoder.bias", weights.encoderBias().to(dtype));
      tensors.put("decoder.weight", weights.decoder().to(dtype).transpose(0, 1).contiguous());
      tensors.put("decoder.bias", weights.decoderBias().to(dtype));
      SafetensorsWriter.write(file, tensors, Map.of("format", "pt"));
    }
  }

  /**
   * Writes the two JSON files that go with standardised weights.
   *
   * @param other a gate whose number is named beside the contract's
   */
  static void writeSettings(
      Path folder, Contract contract, Optional<Gate> other, Weights weights, String model) {
    long d = weights.outputSize();
    Map<String, Object> norms = new LinkedHashMap<>();
    norms.put("in", contract.scale().normIn());
    norms.put("out", contract.scale().normOut());
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("device", "cpu");
    json.put("dtype", "torch." + contract.dtype());
    json.put("hook_point_in", contract.hookIn().toString());
    json.put("hook_point_out", contract.hookOut().toString());
    json.put("use_decoder_bias", true);
    json.put("apply_decoder_bias_to_pre_encoder", false);
    json.put("expansion_factor", contract.name().expansion());
    json.put("d_model", d);
    json.put("d_sae", weights.features());
    json.put("act_fn", function(contract.gate()));
    putNumber(json, contract.gate());
    other.ifPresent(gate -> putNumber(json, gate));
    json.put("norm_activation", "dataset-wise");
    json.put("dataset_average_activation_norm", norms);
    json.put("decoder_exactly_fixed_norm", false);
    json.put("sparsity_include_decoder_norm", true);
    json.put("use_glu_encoder", false);
    AtomicFile.writeJson(folder.resolve(HYPERPARAMS), json);
    Map<String, Object> lm = new LinkedHashMap<>();
    lm.put("model_name", model);
    lm.put("d_model", d);
    lm.put("device", "cpu");
    AtomicFile.writeJson(folder.resolve(LM_CONFIG), lm);
  }

  private static String function(Gate gate) {
    return switch (gate) {
      case Gate.JumpRelu _ -> "jumprelu";
      case Gate.TopK _ -> "topk";
      case Gate.Relu _ -> "relu";
    };
  }

  private static void putNumber(Map<String, Object> json, Gate gate) {
    switch (gate) {
      case Gate.JumpRelu(double threshold) -> json.put("jump_relu_threshold", threshold);
      case Gate.TopK(int k) -> json.put("top_k", k);
      case Gate.Relu() -> {}
    }
  }
}
