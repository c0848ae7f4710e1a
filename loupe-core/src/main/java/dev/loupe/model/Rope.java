package dev.loupe.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Indexing;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.util.List;
import java.util.Optional;

/**
 * Rotary position embedding: pairs (i, i + head/2) of a head are turned by position · frequency_i.
 *
 * @param theta base of the frequencies θ^(−2i/head)
 * @param scaling Llama-3.1's rescaling of the low frequencies, where the model has it
 */
public record Rope(double theta, Optional<Scaling> scaling) {
  private static final List<String> KEYS =
      List.of(
          "rope_theta",
          "rope_type",
          "type",
          "factor",
          "low_freq_factor",
          "high_freq_factor",
          "original_max_position_embeddings");

  /**
   * Llama-3.1's scaling: wavelengths longer than original / lowFactor are stretched by factor,
   * those shorter than original / highFactor are kept, those between are blended.
   */
  public record Scaling(double factor, double lowFactor, double highFactor, double original) {
    double apply(double frequency) {
      double wavelength = 2 * Math.PI / frequency;
      if (wavelength < original / highFactor) {
        return frequency;
      }
      if (wavelength > original / lowFactor) {
        return frequency / factor;
      }
      double smooth = (original / wavelength - lowFactor) / (highFactor - lowFactor);
      return (1 - smooth) * frequency / factor + smooth * frequency;
    }
  }

  /**
   * Reads {@code rope_theta} and {@code rope_scaling}, or transformers 5's {@code rope_parameters}.
   */
  static Rope from(ObjectNode config) {
    JsonNode parameters = config.path("rope_parameters");
    JsonNode scaling = config.path("rope_scaling");
    JsonNode theta =
        parameters.has("rope_theta") ? parameters.path("rope_theta") : config.path("rope_theta");
    if (!theta.isNumber()) {
      throw new IllegalArgumentException(
          "expected a number as \"rope_theta\" or in \"rope_parameters\", got neither");
    }
    Rope rope = of(theta.doubleValue(), isSet(parameters) ? parameters : scaling);
    if (isSet(parameters) && isSet(scaling) && !rope.equals(of(rope.theta, scaling))) {
      throw new IllegalArgumentException(
          "expected \"rope_parameters\" and \"rope_scaling\" that say the same, got %s and %s"
              .formatted(parameters, scaling));
    }
    return rope;
  }

  private static Rope of(double theta, JsonNode scaling) {
    if (!isSet(scaling)) {
      return new Rope(theta, Optional.empty());
    }
    String type = scaling.path("rope_type").asText(scaling.path("type").asText("default"));
    Rope rope =
        switch (type) {
          case "default" -> new Rope(theta, Optional.empty());
          case "llama3" ->
              new Rope(
                  theta,
                  Optional.of(
                      new Scaling(
                          number(scaling, "factor"),
                          number(scaling, "low_freq_factor"),
                          number(scaling, "high_freq_factor"),
                          number(scaling, "original_max_position_embeddings"))));
          default ->
              throw new IllegalArgumentException(
                  "rope_type \"" + type + "\" is not supported (expected default or llama3)");
        };
    refuseUnknown(scaling);
    return rope;
  }

  private static void refuseUnknown(JsonNode scaling) {
    if (!scaling.isObject()) {
      throw new IllegalArgumentException("expected an object as rope scaling, got " + scaling);
    }
    for (var entry : scaling.properties()) {
      if (isSet(entry.getValue()) && !KEYS.contains(entry.getKey())) {
        throw new IllegalArgumentException(
            "rope scaling with \"%s\": %s is not supported (expected %s)"
                .formatted(entry.getKey(), entry.getValue(), String.join(", ", KEYS)));
      }
    }
  }

  private static boolean isSet(JsonNode node) {
    return !node.isMissingNode() && !node.isNull();
  }

  private static double number(JsonNode scaling, String key) {
    if (!scaling.path(key).isNumber()) {
      throw new IllegalArgumentException(
          "expected a number as \"" + key + "\" of the rope scaling");
    }
    return scaling.path(key).doubleValue();
  }

  /**
   * Angles are rounded to float32 where transformers rounds them: frequency, then position times
   * frequency. At position 3,000 the difference to float64 is 1e-4 radians, which a comparison of
   * logits sees.
   */
  Tables tables(int headSize, int from, int positions, Device device) {
    int half = headSize / 2;
    float[] cos = new float[positions * headSize];
    float[] sin = new float[positions * headSize];
    for (int i = 0; i < half; i++) {
      double plain = 1 / Math.pow(theta, 2.0 * i / headSize);
      float frequency = (float) scaling.map(s -> s.apply(plain)).orElse(plain).doubleValue();
      for (int p = 0; p < positions; p++) {
        float angle = (from + p) * frequency;
        cos[p * headSize + i] = cos[p * headSize + i + half] = (float) Math.cos(angle);
        sin[p * headSize + i + half] = (float) Math.sin(angle);
        sin[p * headSize + i] = -sin[p * headSize + i + half];
      }
    }
    return new Tables(
        Tensors.of(cos, positions, headSize).to(device),
        Tensors.of(sin, positions, headSize).to(device));
  }

  /**
   * Cosines and sines of a run of positions, float32, so that (x, y) becomes (x cos − y sin, y cos
   * + x sin).
   *
   * @param cos [positions, head]
   * @param sin [positions, head], negative in the first half, where −y sin is added
   */
  record Tables(Tensor cos, Tensor sin) {
    /** Turns float32 queries or keys, [batch, heads, positions, head]; the caller owns them. */
    Tensor rotate(Tensor x) {
      try (TensorScope scope = TensorScope.open()) {
        Tensor partners = Indexing.roll(x, x.size(-1) / 2, -1); // (y, x) for (x, y)
        Tensor turned = Arithmetic.multiply(x, cos);
        return scope.keep(Arithmetic.addProductInPlace(turned, partners, sin, 1));
      }
    }
  }
}
