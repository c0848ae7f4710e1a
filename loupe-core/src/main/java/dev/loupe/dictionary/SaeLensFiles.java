package dev.loupe.dictionary;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.files.AtomicFile;
import dev.loupe.files.FileFormatException;
import dev.loupe.files.Json;
import dev.loupe.model.Hook;
import dev.loupe.safetensors.SafetensorsFile;
import dev.loupe.safetensors.SafetensorsWriter;
import dev.loupe.safetensors.TensorSource;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Products;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * The folders of SAELens 6 ({@code SAE.load_from_disk}): {@code cfg.json} and {@code
 * sae_weights.safetensors} with W_enc [D in, F], b_enc [F], W_dec [F, D out], b_dec [D out] and,
 * for JumpReLU, threshold [F], which is compared with the pre-activation itself.
 *
 * <p>Written with unit decoder columns, on which that comparison and the gate of the paper are the
 * same. The contract goes along in the metadata, where SAELens carries what it does not know.
 */
final class SaeLensFiles {
  private static final String SETTINGS = "cfg.json";
  private static final String WEIGHTS = "sae_weights.safetensors";
  private static final String CONTRACT = "loupe_contract";

  /** The release whose form this is; one below 6 would be taken for the older form. */
  private static final String VERSION = "6.0.0";

  /** How far thresholds of features may be from equal: float32 rounding, and not more. */
  private static final double ROUNDING = 1e-5;

  /** How far float32 columns may be from unit norm to pass for unit ones. */
  private static final double UNIT = 1e-6;

  private SaeLensFiles() {}

  static boolean isDictionary(Path folder) {
    return Files.isRegularFile(folder.resolve(SETTINGS))
        && Files.isRegularFile(folder.resolve(WEIGHTS));
  }

  /** Writes a dictionary, in float32. */
  static void write(Path folder, Dictionary dictionary, String model) {
    try (TensorScope _ = TensorScope.open();
        Dictionary unit = withUnitColumns(dictionary)) {
      SequencedMap<String, Object> settings = settings(unit, model);
      SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
      tensors.put("W_enc", unit.weights().encoder().transpose(0, 1));
      tensors.put("b_enc", unit.weights().encoderBias());
      tensors.put("W_dec", unit.weights().decoder());
      tensors.put("b_dec", unit.weights().decoderBias());
      if (unit.contract().gate() instanceof Gate.JumpRelu(double threshold)) {
        Tensor bias = unit.weights().encoderBias();
        tensors.put(
            "threshold", Tensors.full(threshold, DType.F32, bias.device(), unit.features()));
      }
      SafetensorsWriter.write(folder.resolve(WEIGHTS), tensors, Map.of("format", "pt"));
      AtomicFile.writeJson(folder.resolve(SETTINGS), settings);
    }
  }

  private static Dictionary withUnitColumns(Dictionary dictionary) {
    // to scale columns again that are unit already would move some of them by a rounding
    return unit(dictionary.norms().doubles(), UNIT)
        ? dictionary.withGate(dictionary.contract().gate())
        : dictionary.standardised();
  }

  private static SequencedMap<String, Object> settings(Dictionary unit, String model) {
    Contract contract = unit.contract();
    boolean transcoder = contract.name().site().isTranscoder();
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    json.put("architecture", architecture(contract.gate(), transcoder));
    json.put("d_in", unit.weights().inputSize());
    json.put("d_sae", unit.features());
    if (transcoder) {
      json.put("d_out", unit.weights().outputSize());
    }
    if (contract.gate() instanceof Gate.TopK(int k)) {
      json.put("k", k);
      json.put("rescale_acts_by_decoder_norm", false);
    }
    json.put("dtype", "float32");
    json.put("device", "cpu");
    json.put("apply_b_dec_to_input", false);
    json.put("normalize_activations", "none");
    json.put("reshape_activations", "none");
    json.put("metadata", metadata(contract, model, transcoder));
    return json;
  }

  private static SequencedMap<String, Object> metadata(
      Contract contract, String model, boolean transcoder) {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    json.put("sae_lens_version", VERSION);
    json.put("model_name", model);
    json.put("model_class_name", "HookedTransformer");
    json.put("hook_name", contract.hookIn().toString());
    if (transcoder) {
      json.put("hook_name_out", contract.hookOut().toString());
    }
    json.put("prepend_bos", true);
    contract.expected().ifPresent(expected -> json.put("context_size", expected.context()));
    if (!contract.tokenPolicy().excludeIds().isEmpty()) {
      json.put("exclude_special_tokens", contract.tokenPolicy().excludeIds());
    }
    json.put(CONTRACT, contract);
    return json;
  }

  private static String architecture(Gate gate, boolean transcoder) {
    return switch (gate) {
      case Gate.JumpRelu _ -> transcoder ? "jumprelu_transcoder" : "jumprelu";
      case Gate.Relu _ -> transcoder ? "transcoder" : "standard";
      case Gate.TopK _ -> {
        if (transcoder) {
          throw new IllegalArgumentException(
              "expected a gate that SAELens has for transcoders, got topk; convert with the gate"
                  + " jumprelu");
        }
        yield "topk";
      }
    };
  }

  static String readModel(Path folder) {
    return settings(folder).path("metadata").path("model_name").asText("unknown");
  }

  /** What the settings say. */
  static Conversion.Described describe(Path folder) {
    Path file = folder.resolve(SETTINGS);
    ObjectNode json = settings(folder);
    long in = whole(file, json, "d_in");
    long out = json.has("d_out") ? whole(file, json, "d_out") : in;
    try {
      Hooks hooks = Hooks.of(json);
      return new Conversion.Described(
          hooks.name(Math.toIntExact(whole(file, json, "d_sae") / out)),
          Math.toIntExact(in),
          hooks.carried().map(Contract::modelFingerprint).orElse(""));
    } catch (IllegalArgumentException e) {
      throw new FileFormatException(file, String.valueOf(e.getMessage()), e);
    }
  }

  /** Opens a folder with the weights in the form that they have on disk; the caller closes it. */
  static Dictionary open(Path folder) {
    Path file = folder.resolve(SETTINGS);
    ObjectNode json = settings(folder);
    Weights weights = readWeights(folder.resolve(WEIGHTS), json, file);
    try (TensorScope _ = TensorScope.open()) {
      if (!weights.allFinite()) {
        throw new FileFormatException(
            folder.resolve(WEIGHTS), "weights hold an infinite number or NaN");
      }
      double[] norms = weights.decoderNorms().doubles();
      return new Dictionary(weights, contract(json, weights, norms, gate(folder, json, norms)));
    } catch (IllegalArgumentException e) {
      weights.close();
      throw new FileFormatException(file, String.valueOf(e.getMessage()), e);
    } catch (RuntimeException | Error e) {
      weights.close();
      throw e;
    }
  }

  private static ObjectNode settings(Path folder) {
    Path file = folder.resolve(SETTINGS);
    ObjectNode json = Json.readObject(file);
    if (!json.path("metadata").isObject()) {
      throw new FileFormatException(
          file,
          "expected the settings of SAELens 6 with metadata, got older ones",
          "load and save it with SAELens 6 first");
    }
    expect(file, json, "normalize_activations", "none");
    expect(file, json, "reshape_activations", "none");
    return json;
  }

  private static void expect(Path file, ObjectNode json, String key, String value) {
    String got = json.path(key).asText(value);
    if (!got.equals(value)) {
      throw new FileFormatException(file, "expected %s %s, got '%s'".formatted(key, value, got));
    }
  }

  private static Weights readWeights(Path path, ObjectNode json, Path settings) {
    long in = whole(settings, json, "d_in");
    long features = whole(settings, json, "d_sae");
    long out = json.has("d_out") ? whole(settings, json, "d_out") : in;
    try (TensorScope _ = TensorScope.open();
        TensorSource source = SafetensorsFile.open(path)) {
      Tensor encoder = f32(source.read("W_enc", in, features).transpose(0, 1).contiguous());
      Tensor encoderBias = f32(source.read("b_enc", features));
      Tensor decoderBias = f32(source.read("b_dec", out));
      // SAELens's default is true
      if (!transcoder(json) && json.path("apply_b_dec_to_input").asBoolean(true)) {
        encoderBias = withoutDecoderBias(encoder, encoderBias, decoderBias);
      }
      return Weights.owned(
          encoder, encoderBias, f32(source.read("W_dec", features, out)), decoderBias);
    }
  }

  /** W (x − b_dec) + b_enc = W x + (b_enc − W b_dec). */
  private static Tensor withoutDecoderBias(Tensor encoder, Tensor bias, Tensor decoderBias) {
    Tensor shift =
        Products.multiply(encoder.to(DType.F64), decoderBias.to(DType.F64).reshape(-1, 1));
    return Arithmetic.subtract(bias.to(DType.F64), shift.reshape(-1)).to(DType.F32);
  }

  private static Tensor f32(Tensor tensor) {
    return tensor.to(DType.F32);
  }

  private static boolean transcoder(ObjectNode json) {
    return json.path("architecture").asText().endsWith("transcoder");
  }

  private static Gate gate(Path folder, ObjectNode json, double[] norms) {
    String architecture = json.path("architecture").asText();
    return switch (architecture) {
      case "standard", "transcoder" -> new Gate.Relu();
      case "topk" -> topK(folder.resolve(SETTINGS), json, norms);
      case "jumprelu", "jumprelu_transcoder" -> jumpRelu(folder.resolve(WEIGHTS), norms);
      default ->
          throw new IllegalArgumentException(
              "expected the architecture standard, topk, jumprelu, transcoder or"
                  + " jumprelu_transcoder, got '"
                  + architecture
                  + "'");
    };
  }

  private static Gate topK(Path file, ObjectNode json, double[] norms) {
    if (!json.path("rescale_acts_by_decoder_norm").asBoolean(false) && !unit(norms, 1e-3)) {
      throw new IllegalArgumentException(
          "expected rescale_acts_by_decoder_norm or unit decoder columns: Loupe's gate topk ranks"
              + " by pre-activation times decoder norm");
    }
    return new Gate.TopK(Math.toIntExact(whole(file, json, "k")));
  }

  /** One threshold for unit columns: a feature's own, times its column's norm. */
  private static Gate jumpRelu(Path file, double[] norms) {
    double least = Double.POSITIVE_INFINITY;
    double most = 0;
    boolean unit = unit(norms, UNIT);
    try (TensorSource source = SafetensorsFile.open(file);
        TensorScope _ = TensorScope.open()) {
      double[] thresholds = source.read("threshold", norms.length).doubles();
      for (int i = 0; i < norms.length; i++) {
        if (norms[i] > 0) {
          double threshold = unit ? thresholds[i] : thresholds[i] * norms[i];
          least = Math.min(least, threshold);
          most = Math.max(most, threshold);
        }
      }
    }
    if (!(most - least <= ROUNDING * most)) {
      throw new FileFormatException(
          file,
          "expected one threshold for all features, as Loupe's gate jumprelu has, got %s to %s times decoder norm"
              .formatted(least, most));
    }
    return new Gate.JumpRelu((float) ((least + most) / 2));
  }

  private static boolean unit(double[] norms, double tolerance) {
    for (double norm : norms) {
      if (norm != 0 && Math.abs(norm - 1) > tolerance) {
        return false;
      }
    }
    return true;
  }

  private static Contract contract(ObjectNode json, Weights weights, double[] norms, Gate gate) {
    Scale raw = Scale.standard(weights.inputSize(), weights.outputSize());
    Hooks hooks = Hooks.of(json);
    Optional<Contract> carried = hooks.carried();
    return new Contract(
        Contract.FORMAT,
        hooks.name(Math.toIntExact(weights.features() / weights.outputSize())),
        List.of(hooks.in()),
        List.of(hooks.out()),
        unit(norms, UNIT) ? Contract.Form.STANDARDISED : Contract.Form.AS_TRAINED,
        raw,
        carried.map(Contract::trainedScale).orElse(raw),
        gate,
        true,
        DType.parse(json.path("dtype").asText("float32")).torchName(),
        carried
            .map(Contract::tokenPolicy)
            .orElseGet(() -> new Contract.TokenPolicy(true, List.of(), Optional.empty())),
        carried.map(Contract::modelFingerprint).orElse(""),
        carried.map(Contract::tokenizerFingerprint).orElse(""),
        "",
        carried.flatMap(Contract::expected));
  }

  /**
   * Where a dictionary belongs.
   *
   * @param carried what a folder written here says of it
   */
  private record Hooks(Hook in, Hook out, Optional<Contract> carried) {
    static Hooks of(ObjectNode json) {
      JsonNode metadata = json.path("metadata");
      Hook in = Hook.parse(metadata.path("hook_name").asText());
      Hook out = transcoder(json) ? Hook.parse(metadata.path("hook_name_out").asText()) : in;
      return new Hooks(in, out, SaeLensFiles.carried(metadata.path(CONTRACT), in, out));
    }

    DictionaryName name(int expansion) {
      return carried
          .map(Contract::name)
          .orElseGet(() -> DictionaryName.of(in.layer(), Site.of(in, out), expansion));
    }
  }

  /** What a folder written here says about the dictionary's origin. */
  private static Optional<Contract> carried(JsonNode json, Hook in, Hook out) {
    if (json.isMissingNode()) {
      return Optional.empty();
    }
    try {
      Contract contract = Json.mapper().treeToValue(json, Contract.class);
      if (!contract.hookIn().equals(in) || !contract.hookOut().equals(out)) {
        throw new IllegalArgumentException(
            "expected the hooks of %s, %s and %s, got %s and %s"
                .formatted(CONTRACT, contract.hookIn(), contract.hookOut(), in, out));
      }
      return Optional.of(contract);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "expected a contract as " + CONTRACT + ": " + e.getOriginalMessage(), e);
    }
  }

  private static long whole(Path file, ObjectNode json, String key) {
    if (!json.path(key).isInt() || json.path(key).intValue() < 1) {
      throw new FileFormatException(
          file,
          "expected a whole number of 1 or more as %s, got %s".formatted(key, json.path(key)));
    }
    return json.path(key).intValue();
  }
}
