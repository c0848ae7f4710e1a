package dev.loupe.dictionary;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.model.Hook;
import dev.loupe.text.SpecialTokens;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What must hold for a dictionary to compute what it was trained to: {@code dictionary.json}. A
 * reader has no choices left.
 *
 * @param format version of this file's form
 * @param name which dictionary
 * @param hooksIn places it reads, such as {@code blocks.15.hook_resid_post}
 * @param hooksOut places it reconstructs
 * @param form of the weights
 * @param scale mean norms by which raw activations are scaled; √D where standardised
 * @param trainedScale the mean norms that training measured
 * @param gate for inference, its threshold in raw units with unit decoder columns
 * @param decoderNormInGate whether the gate judges ReLU(pre) · ‖decoder column‖ (always, here)
 * @param dtype of the weights in the file
 * @param tokenPolicy which positions count
 * @param modelFingerprint of the model it was trained on; empty where unknown
 * @param tokenizerFingerprint likewise
 * @param weightsSha256 of the weights file that the probe was computed with; empty where unknown
 * @param expected what the dictionary gave where it was made; empty where unknown
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Contract(
    int format,
    DictionaryName name,
    List<Hook> hooksIn,
    List<Hook> hooksOut,
    Form form,
    Scale scale,
    Scale trainedScale,
    Gate gate,
    boolean decoderNormInGate,
    String dtype,
    TokenPolicy tokenPolicy,
    String modelFingerprint,
    String tokenizerFingerprint,
    String weightsSha256,
    Optional<Expected> expected) {
  public static final int FORMAT = 1;

  /** Whether the weights take normalised inputs, as trained, or raw ones. */
  public enum Form {
    AS_TRAINED,
    STANDARDISED;

    @JsonValue
    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    @JsonCreator
    static Form parse(String label) {
      for (Form form : values()) {
        if (form.label().equals(label)) {
          return form;
        }
      }
      throw new IllegalArgumentException(
          "expected the form 'as trained' or 'standardised', got '" + label + "'");
    }
  }

  /**
   * Which positions are counted.
   *
   * @param excludeFirst position 0 of each context, whatever its id
   * @param excludeIds begin and end ids
   * @param maxNormMultiple tokens whose norm at some hook is above so many medians are excluded
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record TokenPolicy(
      boolean excludeFirst, List<Integer> excludeIds, Optional<Double> maxNormMultiple) {
    /** Without the first positions, and a model's begin and end ids. */
    public static TokenPolicy of(SpecialTokens special) {
      Set<Integer> excluded = new TreeSet<>(special.begin());
      excluded.addAll(special.end());
      return new TokenPolicy(true, List.copyOf(excluded), Optional.empty());
    }
  }

  /**
   * What the dictionary gave on the calibration tokens of its corpus.
   *
   * @param tokens how many
   * @param context their context length
   * @param meanNormIn mean norm of the inputs, raw units
   * @param meanNormOut mean norm of the targets, raw units
   * @param l0 features per token
   * @param explainedVariance the paper's Eq. 6
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Expected(
      long tokens,
      int context,
      double meanNormIn,
      double meanNormOut,
      double l0,
      double explainedVariance) {}

  public Contract {
    if (format != FORMAT) {
      throw new IllegalArgumentException(
          "expected a dictionary.json of format " + FORMAT + ", got " + format);
    }
    require(name, "name");
    require(form, "form");
    require(scale, "scale");
    require(trainedScale, "trained_scale");
    require(gate, "gate");
    require(dtype, "dtype");
    require(tokenPolicy, "token_policy");
    require(modelFingerprint, "model_fingerprint");
    require(tokenizerFingerprint, "tokenizer_fingerprint");
    require(weightsSha256, "weights_sha256");
    hooksIn = List.copyOf(require(hooksIn, "hooks_in"));
    hooksOut = List.copyOf(require(hooksOut, "hooks_out"));
    if (hooksIn.size() != 1 || hooksOut.size() != 1) {
      throw new IllegalArgumentException(
          "expected one hook in and one out, got " + hooksIn + " and " + hooksOut);
    }
    if (!decoderNormInGate) {
      throw new IllegalArgumentException(
          "a gate that leaves out the decoder norm is not supported: decoder_norm_in_gate is"
              + " false");
    }
  }

  /**
   * Of weights in raw units with unit decoder columns, of which nothing else is known.
   *
   * @param d size of the activations on both sides
   */
  public static Contract ofRawUnits(
      DictionaryName name, Gate gate, TokenPolicy tokenPolicy, int d) {
    Scale unscaled = new Scale(Math.sqrt(d), Math.sqrt(d));
    return new Contract(
        FORMAT,
        name,
        List.of(name.site().hookIn(name.layer())),
        List.of(name.site().hookOut(name.layer())),
        Form.STANDARDISED,
        unscaled,
        unscaled,
        gate,
        true,
        "float32",
        tokenPolicy,
        "",
        "",
        "",
        Optional.empty());
  }

  /** JSON can hold null where Java cannot. */
  private static <T> T require(T value, String key) {
    if (value == null) {
      throw new IllegalArgumentException("expected a value as " + key + ", got null");
    }
    return value;
  }

  @JsonIgnore
  public Hook hookIn() {
    return hooksIn.getFirst();
  }

  @JsonIgnore
  public Hook hookOut() {
    return hooksOut.getFirst();
  }

  /**
   * Refuses another model than the one the dictionary was trained on, where that is known.
   *
   * @param other whether another one is wanted
   */
  public void checkModel(String fingerprint, boolean other) {
    if (!other && !modelFingerprint.isEmpty() && !fingerprint.equals(modelFingerprint)) {
      throw new IllegalArgumentException(
          "expected the model (%.12s…) that %s was trained on, got another (%.12s…); --other-model allows it"
              .formatted(modelFingerprint, name, fingerprint));
    }
  }

  Contract withScale(Form newForm, Scale newScale) {
    return new Contract(
        format,
        name,
        hooksIn,
        hooksOut,
        newForm,
        newScale,
        trainedScale,
        gate,
        decoderNormInGate,
        dtype,
        tokenPolicy,
        modelFingerprint,
        tokenizerFingerprint,
        weightsSha256,
        expected);
  }

  public Contract withGate(Gate newGate) {
    return new Contract(
        format,
        name,
        hooksIn,
        hooksOut,
        form,
        scale,
        trainedScale,
        newGate,
        decoderNormInGate,
        dtype,
        tokenPolicy,
        modelFingerprint,
        tokenizerFingerprint,
        weightsSha256,
        expected);
  }

  public Contract withExpected(Expected found) {
    return new Contract(
        format,
        name,
        hooksIn,
        hooksOut,
        form,
        scale,
        trainedScale,
        gate,
        decoderNormInGate,
        dtype,
        tokenPolicy,
        modelFingerprint,
        tokenizerFingerprint,
        weightsSha256,
        Optional.of(found));
  }

  /**
   * The same of a model that is known now.
   *
   * @param policy which of its tokens count
   */
  Contract withModel(String fingerprint, String tokenizer, TokenPolicy policy) {
    return new Contract(
        format,
        name,
        hooksIn,
        hooksOut,
        form,
        scale,
        trainedScale,
        gate,
        decoderNormInGate,
        dtype,
        policy,
        fingerprint,
        tokenizer,
        weightsSha256,
        expected);
  }

  Contract withWeights(String newDtype, String sha256) {
    return new Contract(
        format,
        name,
        hooksIn,
        hooksOut,
        form,
        scale,
        trainedScale,
        gate,
        decoderNormInGate,
        newDtype,
        tokenPolicy,
        modelFingerprint,
        tokenizerFingerprint,
        sha256,
        expected);
  }
}
