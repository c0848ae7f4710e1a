package dev.loupe.exchange;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.OptBoolean;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Optional;

/**
 * {@code batch-N.json} of SAEDashboard: some features with all that a dashboard of each shows.
 *
 * @param modelId name of the language model
 * @param layer of the dictionary
 * @param saeSet name of the set of dictionaries that it is of
 * @param saeIdSuffix what tells it from others of the set and layer
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record SaeDashboardBatch(
    String modelId,
    int layer,
    String saeSet,
    @JsonProperty(isRequired = OptBoolean.FALSE) Optional<String> saeIdSuffix,
    List<Feature> features) {
  public SaeDashboardBatch {
    features = List.copyOf(features);
  }

  /**
   * A feature. What Loupe leaves empty: the neuron tables, {@code decoder_weights_dist} and {@code
   * vector}, which a feature store does not have.
   *
   * @param featureIndex its number
   * @param correlatedFeaturesL1 cosines, whatever its name says
   * @param correlatedFeaturesPearson correlation of firing with firing
   * @param fracNonzero share of tokens on which it fires
   * @param freqHistDataBarValues centres of 50 bins from 0 to the largest activation
   * @param freqHistDataBarHeights firings in each
   * @param logitsHistDataBarHeights tokens of the vocabulary in each of 50 bins
   * @param logitsHistDataBarValues their centres, from the smallest logit to the largest
   * @param nPromptsTotal contexts that were analysed
   * @param nTokensInPrompt most tokens of one
   * @param dataset names of the corpus's sources
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Feature(
      int featureIndex,
      List<Integer> neuronAlignmentIndices,
      List<Double> neuronAlignmentValues,
      List<Double> neuronAlignmentL1,
      List<Integer> correlatedNeuronsIndices,
      List<Double> correlatedNeuronsL1,
      List<Double> correlatedNeuronsPearson,
      List<Integer> correlatedFeaturesIndices,
      List<Double> correlatedFeaturesL1,
      List<Double> correlatedFeaturesPearson,
      List<String> negStr,
      List<Double> negValues,
      List<String> posStr,
      List<Double> posValues,
      double fracNonzero,
      List<Double> freqHistDataBarValues,
      List<Double> freqHistDataBarHeights,
      List<Double> logitsHistDataBarHeights,
      List<Double> logitsHistDataBarValues,
      int nPromptsTotal,
      int nTokensInPrompt,
      String dataset,
      List<Double> decoderWeightsDist,
      List<Double> vector,
      List<Activation> activations) {
    public Feature {
      neuronAlignmentIndices = List.copyOf(neuronAlignmentIndices);
      neuronAlignmentValues = List.copyOf(neuronAlignmentValues);
      neuronAlignmentL1 = List.copyOf(neuronAlignmentL1);
      correlatedNeuronsIndices = List.copyOf(correlatedNeuronsIndices);
      correlatedNeuronsL1 = List.copyOf(correlatedNeuronsL1);
      correlatedNeuronsPearson = List.copyOf(correlatedNeuronsPearson);
      correlatedFeaturesIndices = List.copyOf(correlatedFeaturesIndices);
      correlatedFeaturesL1 = List.copyOf(correlatedFeaturesL1);
      correlatedFeaturesPearson = List.copyOf(correlatedFeaturesPearson);
      negStr = List.copyOf(negStr);
      negValues = List.copyOf(negValues);
      posStr = List.copyOf(posStr);
      posValues = List.copyOf(posValues);
      freqHistDataBarValues = List.copyOf(freqHistDataBarValues);
      freqHistDataBarHeights = List.copyOf(freqHistDataBarHeights);
      logitsHistDataBarHeights = List.copyOf(logitsHistDataBarHeights);
      logitsHistDataBarValues = List.copyOf(logitsHistDataBarValues);
      decoderWeightsDist = List.copyOf(decoderWeightsDist);
      vector = List.copyOf(vector);
      activations = List.copyOf(activations);
      Lengths.table(
          "neuron_alignment",
          neuronAlignmentIndices,
          "values",
          neuronAlignmentValues,
          neuronAlignmentL1);
      Lengths.table(
          "correlated_neurons",
          correlatedNeuronsIndices,
          "pearson",
          correlatedNeuronsPearson,
          correlatedNeuronsL1);
      Lengths.table(
          "correlated_features",
          correlatedFeaturesIndices,
          "pearson",
          correlatedFeaturesPearson,
          correlatedFeaturesL1);
      Lengths.logits("neg", negStr, negValues);
      Lengths.logits("pos", posStr, posValues);
      Lengths.histogram("freq_hist_data", freqHistDataBarValues, freqHistDataBarHeights);
      Lengths.histogram("logits_hist_data", logitsHistDataBarValues, logitsHistDataBarHeights);
    }
  }

  /**
   * A sample: tokens with the feature's activation on each.
   *
   * @param binMin lower end of the interval that it is of; -1 for the strongest samples
   * @param binMax upper end; the feature's maximum for those
   * @param binContains share of tokens whose activation is in the interval; -1 for those
   * @param qualifyingTokenIndex of the token for which it was chosen
   * @param dfaValues where attention moved the feature from; Loupe writes none of the three
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  public record Activation(
      double binMin,
      double binMax,
      double binContains,
      List<String> tokens,
      List<Double> values,
      int qualifyingTokenIndex,
      @JsonProperty(isRequired = OptBoolean.FALSE) Optional<List<Double>> dfaValues,
      @JsonProperty(value = "dfa_maxValue", isRequired = OptBoolean.FALSE)
          Optional<Double> dfaMaxValue,
      @JsonProperty(value = "dfa_targetIndex", isRequired = OptBoolean.FALSE)
          Optional<Integer> dfaTargetIndex) {
    public Activation {
      tokens = List.copyOf(tokens);
      values = List.copyOf(values);
      Lengths.same("values", values, "tokens", tokens);
      Lengths.index("qualifying_token_index", qualifyingTokenIndex, "tokens", tokens);
      if (dfaValues.isPresent()) {
        Lengths.same("dfa_values", dfaValues.get(), "tokens", tokens);
      }
    }
  }
}
