package dev.loupe.inference;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.FeatureName;
import java.util.List;
import java.util.OptionalDouble;

/** What becomes known of a text, in the order in which it does. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = PromptEvent.Tokens.class, name = "tokens"),
  @JsonSubTypes.Type(value = PromptEvent.Cells.class, name = "cells"),
  @JsonSubTypes.Type(value = PromptEvent.Next.class, name = "next"),
  @JsonSubTypes.Type(value = PromptEvent.FeatureActivations.class, name = "activations"),
  @JsonSubTypes.Type(value = PromptEvent.End.class, name = "end")
})
public sealed interface PromptEvent {
  /**
   * The text's tokens, the begin id first.
   *
   * @param counted where features can fire
   */
  @SuppressWarnings("ArrayRecordComponent") // a carrier; never compared
  record Tokens(List<String> tokens, boolean[] counted) implements PromptEvent {}

  /** What fires in one dictionary, a cell for each counted token. */
  record Cells(DictionaryName dictionary, List<Cell> cells) implements PromptEvent {}

  /**
   * What fires on one token.
   *
   * @param l0 features that fire, with those left out
   * @param features the strongest, strongest first
   */
  record Cell(int position, int l0, List<Firing> features) {}

  /**
   * A feature that fires.
   *
   * @param activation raw units
   * @param quantile share of its firings that are weaker; empty where it was not analysed
   * @param effect direct effect on the logit of the next token; empty unless ranked by it
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  record Firing(int feature, float activation, OptionalDouble quantile, OptionalDouble effect) {}

  /**
   * What the model itself expects next, for each position.
   *
   * @param losses of the token after each, nats; empty at the last
   */
  record Next(List<OptionalDouble> losses, List<List<Likely>> likely) implements PromptEvent {}

  /** A next token and its probability. */
  record Likely(int id, String text, double probability) {}

  /** Activations of chosen features on every token, 0 where one does not fire. */
  @SuppressWarnings("ArrayRecordComponent") // a carrier; never compared
  record FeatureActivations(List<String> tokens, boolean[] counted, List<Activations> features)
      implements PromptEvent {}

  /** Of one feature, [tokens]. */
  @SuppressWarnings("ArrayRecordComponent") // likewise
  record Activations(FeatureName feature, float[] activations) {}

  /** There is no more. */
  record End() implements PromptEvent {}
}
