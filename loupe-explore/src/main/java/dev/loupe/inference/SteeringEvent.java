package dev.loupe.inference;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** What becomes known of steered writing, in the order in which it does. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = SteeringEvent.Prompt.class, name = "prompt"),
  @JsonSubTypes.Type(value = SteeringEvent.Written.class, name = "token"),
  @JsonSubTypes.Type(value = SteeringEvent.Comparison.class, name = "comparison"),
  @JsonSubTypes.Type(value = SteeringEvent.Effects.class, name = "effects"),
  @JsonSubTypes.Type(value = SteeringEvent.Dose.class, name = "dose"),
  @JsonSubTypes.Type(value = SteeringEvent.End.class, name = "end")
})
public sealed interface SteeringEvent {
  /** Which model writes, or wrote. */
  enum Writer {
    /** The model as it is. */
    ORIGINAL,
    /** The model with the edits. */
    STEERED;

    @JsonValue
    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The prompt's tokens, the begin id first. */
  record Prompt(List<String> tokens) implements SteeringEvent {}

  /** A new token. */
  record Written(@JsonProperty("of") Writer by, int id, String text) implements SteeringEvent {}

  /**
   * Both models on one text, position by position.
   *
   * @param by who wrote it
   * @param kl KL(original, steered) of the next token, nats
   * @param originalLosses of the token after each, nats; empty at the last
   * @param steeredLosses likewise
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record Comparison(
      @JsonProperty("of") Writer by,
      List<String> tokens,
      List<Double> kl,
      List<OptionalDouble> originalLosses,
      List<OptionalDouble> steeredLosses,
      List<List<PromptEvent.Likely>> originalLikely,
      List<List<PromptEvent.Likely>> steeredLikely)
      implements SteeringEvent {}

  /** Changes of logits after the prompt, the largest, each minus the mean over the vocabulary. */
  record Effects(List<Effect> rows) implements SteeringEvent {}

  /**
   * The change of one token's logit.
   *
   * @param predicted by the edits' directions alone: Σ Δ (d ⊙ gain) · (W_U − mean W_U) / rms
   * @param actual in the steered pass
   */
  record Effect(int id, String text, double predicted, double actual) {}

  /**
   * How far the model moves at a dose, on the prompt and the original continuation.
   *
   * @param kl mean KL(original, steered), nats
   * @param loss mean loss of that text, nats
   * @param targetProbability of the target after the prompt; empty without one
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  record Dose(double dose, double kl, double loss, OptionalDouble targetProbability)
      implements SteeringEvent {}

  /** There is no more. */
  record End() implements SteeringEvent {}
}
