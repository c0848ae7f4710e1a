package dev.loupe.train;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.files.Json;
import dev.loupe.tensor.DType;
import dev.loupe.text.LongDocuments;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    int normTokens,
    int bufferTokens,
    int calibrationTokens,
    String fileDtype) {
  /** The recipes that come with Loupe. */
  public static final List<String> NAMES = List.of("llama-scope", "llama-scope-paper", "demo");

  public Recipe {
    if (!gate.equals("topk") && !gate.equals("relu")) {
      throw new IllegalArgumentException("expected a gate topk or relu, got '" + gate + "'");
    }
    atLeast("k", k, 1);
    atLeast("batch", batch, 1);
    atLeast("context", context, 2);
    atLeast("norm_tokens", normTokens, 1);
    atLeast("calibration_tokens", calibrationTokens, 1);
    share("k_anneal_share", kAnnealShare);
    share("l1_warm_up_share", l1WarmUpShare);
    share("warm_up_share", warmUpShare);
    share("decay_share", decayShare);
    share("final_learning_rate_ratio", finalLearningRateRatio);
    share("beta1", beta1);
    share("beta2", beta2);
    positive("peak_learning_rate", peakLearningRate);
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
