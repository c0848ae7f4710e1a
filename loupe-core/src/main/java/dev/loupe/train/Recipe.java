package dev.loupe.train;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.files.Json;
import dev.loupe.tensor.DType;
import dev.loupe.text.LongDocuments;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Everything that a training run decides besides model, corpus, tokens and which dictionaries. Kept
 * as strict JSON resources: every key is needed, an unknown one is an error. Lengths of schedules
 * are shares of the run, so that short runs keep the shape.
 *
 * @param name of the recipe
 * @param about what it is and where its values come from
 * @param gate {@code topk} or {@code relu}
 * @param k features per token after annealing (topk)
 * @param kAnnealShare share of the steps over which K falls
 * @param kAnnealStartShare where K starts, as a share of D
 * @param batchGateShare share of the steps, at the end, in which the K · n largest of a batch fire
 *     instead of the K largest of each of its n tokens (topk)
 * @param l1Coefficient λ (relu)
 * @param l1WarmUpShare share of the steps over which λ rises
 * @param batch tokens of a step
 * @param context positions of a context, the begin-of-text included
 * @param longDocuments {@code truncate} or {@code split}
 * @param peakLearningRate Adam's rate after warm-up
 * @param warmUpShare share of the steps over which the rate rises
 * @param decayShare share of the steps, at the end, over which it falls
 * @param finalLearningRateRatio of the peak, what it falls to
 * @param beta1 Adam's first moment
 * @param beta2 Adam's second moment
 * @param epsilon Adam's
 * @param clipGradientNorm global norm to which gradients are clipped
 * @param initDecoderNorm norm of the first decoder columns; absent means √(2 D / F)
 * @param initEncoderNorm norm of the first encoder rows of transcoders, drawn apart
 * @param initDirections what the first directions are drawn from: {@code any}, or the {@code
 *     subspace} in which the first activations vary ({@link Initial})
 * @param centreInputs whether encoders read activations less their mean, and decoder biases begin
 *     at it
 * @param auxK features that have fallen silent which explain the error of each token (topk); 0 for
 *     none
 * @param auxCoefficient of the loss of that explanation
 * @param auxSilentShare share of the run's tokens after which a feature that has not fired is
 *     silent
 * @param normTokens activations over which the mean norms are measured
 * @param bufferTokens of the shuffle buffer, at most
 * @param calibrationTokens activations over which the JumpReLU threshold is found
 * @param fileDtype of the weights written
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Recipe(
    String name,
    String about,
    String gate,
    int k,
    double kAnnealShare,
    double kAnnealStartShare,
    double batchGateShare,
    double l1Coefficient,
    double l1WarmUpShare,
    int batch,
    int context,
    String longDocuments,
    double peakLearningRate,
    double warmUpShare,
    double decayShare,
    double finalLearningRateRatio,
    double beta1,
    double beta2,
    double epsilon,
    double clipGradientNorm,
    Optional<Double> initDecoderNorm,
    double initEncoderNorm,
    InitialDirections initDirections,
    boolean centreInputs,
    int auxK,
    double auxCoefficient,
    double auxSilentShare,
    int normTokens,
    int bufferTokens,
    int calibrationTokens,
    String fileDtype) {
  /** The recipes that come with Loupe. */
  public static final List<String> NAMES =
      List.of("loupe", "llama-scope", "llama-scope-paper", "demo");

  /** Keys that came after the first release; {@code llama-scope} has the values without effect. */
  private static final List<String> LATER =
      List.of(
          "batch_gate_share",
          "init_directions",
          "centre_inputs",
          "aux_k",
          "aux_coefficient",
          "aux_silent_share");

  public Recipe {
    if (!gate.equals("topk") && !gate.equals("relu")) {
      throw new IllegalArgumentException("expected a gate topk or relu, got '" + gate + "'");
    }
    atLeast("k", k, 1);
    atLeast("aux_k", auxK, 0);
    atLeast("batch", batch, 1);
    atLeast("context", context, 2);
    atLeast("norm_tokens", normTokens, 1);
    atLeast("calibration_tokens", calibrationTokens, 1);
    share("k_anneal_share", kAnnealShare);
    share("batch_gate_share", batchGateShare);
    share("aux_silent_share", auxSilentShare);
    share("l1_warm_up_share", l1WarmUpShare);
    share("warm_up_share", warmUpShare);
    share("decay_share", decayShare);
    share("final_learning_rate_ratio", finalLearningRateRatio);
    share("beta1", beta1);
    share("beta2", beta2);
    positive("peak_learning_rate", peakLearningRate);
    positive("aux_coefficient", auxCoefficient);
    positive("clip_gradient_norm", clipGradientNorm);
    var _ = DType.parse(fileDtype);
    var _ = longDocuments(longDocuments);
  }

  /** A recipe by its name, or from a JSON file of the same keys. */
  public static Recipe load(String nameOrFile) {
    if (!NAMES.contains(nameOrFile)) {
      Path file = Path.of(nameOrFile);
      if (!Files.isRegularFile(file)) {
        throw new IllegalArgumentException(
            "expected a recipe "
                + String.join(", ", NAMES)
                + " or a JSON file, got '"
                + nameOrFile
                + "'");
      }
      return Json.read(file, Recipe.class);
    }
    try (InputStream in = Recipe.class.getResourceAsStream("recipes/" + nameOrFile + ".json")) {
      return Json.mapper().readValue(in, Recipe.class);
    } catch (IOException e) {
      throw new UncheckedIOException("recipe " + nameOrFile, e);
    }
  }

  /**
   * A suite's. Keys that recipes have not always had may be missing, as in a suite that an earlier
   * version trained: they then have the values by which nothing is done.
   */
  static Recipe ofSuite(ObjectNode json) {
    ObjectNode whole = json.deepCopy();
    ObjectNode usual = Json.mapper().valueToTree(load("llama-scope"));
    LATER.stream().filter(key -> !json.has(key)).forEach(key -> whole.set(key, usual.get(key)));
    return read(whole);
  }

  /**
   * The same with other values.
   *
   * @param values by the recipe's keys; a key that it lacks is an IllegalArgumentException, as is a
   *     value that it refuses
   */
  public Recipe with(ObjectNode values) {
    ObjectNode json = Json.mapper().valueToTree(this);
    values
        .properties()
        .forEach(entry -> {
          if (!json.has(entry.getKey())) {
            List<String> keys = new ArrayList<>();
            json.fieldNames().forEachRemaining(keys::add);
            throw new IllegalArgumentException(
                "expected a key of the recipe (%s), got '%s'"
                    .formatted(String.join(", ", keys), entry.getKey()));
          }
          json.set(entry.getKey(), entry.getValue());
        });
    return read(json);
  }

  private static Recipe read(ObjectNode json) {
    try {
      return Json.mapper().treeToValue(json, Recipe.class);
    } catch (IOException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      String message = String.valueOf(cause.getMessage());
      throw new IllegalArgumentException(
          "recipe: " + message.lines().findFirst().orElse(message), e);
    }
  }

  @JsonIgnore
  public boolean isTopK() {
    return gate.equals("topk");
  }

  LongDocuments documents() {
    return longDocuments(longDocuments);
  }

  private static LongDocuments longDocuments(String name) {
    try {
      return LongDocuments.valueOf(name.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "expected long_documents truncate or split, got '" + name + "'", e);
    }
  }

  private static void atLeast(String key, int value, int bound) {
    if (value < bound) {
      throw new IllegalArgumentException(
          "expected " + key + " of " + bound + " or more, got " + value);
    }
  }

  private static void share(String key, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException("expected " + key + " in 0..1, got " + value);
    }
  }

  private static void positive(String key, double value) {
    if (!(value > 0)) {
      throw new IllegalArgumentException("expected " + key + " above 0, got " + value);
    }
  }
}
