package dev.loupe.exchange;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Optional;

/**
 * A feature as a row of {@code features/batch-N.jsonl.gz}, with the columns of Neuronpedia's table
 * Neuron. What Loupe leaves empty: the vector, the neuron tables, {@code decoder_weights_dist} and
 * the UMAP, which a feature store does not have.
 *
 * @param layer the source, such as {@code 2-loupe-r-8x}
 * @param index the feature's number, as a text
 * @param maxActApprox its largest activation
 * @param hookName where its decoder writes
 * @param topkCosSimIndices nearest features of the same dictionary by decoder cosine
 * @param correlatedFeaturesPearson correlation of firing with firing
 * @param correlatedFeaturesL1 cosines, whatever its name says
 * @param fracNonzero share of tokens on which it fires
 * @param freqHistDataBarHeights firings in each of 50 bins from 0 to the largest activation
 * @param freqHistDataBarValues their centres
 * @param logitsHistDataBarHeights tokens of the vocabulary in each of 50 bins
 * @param logitsHistDataBarValues their centres, from the smallest logit to the largest
 */
public record NeuronpediaNeuron(
    String modelId,
    String layer,
    String index,
    String sourceSetName,
    String creatorId,
    String createdAt,
    double maxActApprox,
    boolean hasVector,
    List<Double> vector,
    Optional<String> vectorLabel,
    double vectorDefaultSteerStrength,
    Optional<String> hookName,
    List<Integer> topkCosSimIndices,
    List<Double> topkCosSimValues,
    @JsonProperty("neuron_alignment_indices") List<Integer> neuronAlignmentIndices,
    @JsonProperty("neuron_alignment_values") List<Double> neuronAlignmentValues,
    @JsonProperty("neuron_alignment_l1") List<Double> neuronAlignmentL1,
    @JsonProperty("correlated_neurons_indices") List<Integer> correlatedNeuronsIndices,
    @JsonProperty("correlated_neurons_pearson") List<Double> correlatedNeuronsPearson,
    @JsonProperty("correlated_neurons_l1") List<Double> correlatedNeuronsL1,
    @JsonProperty("correlated_features_indices") List<Integer> correlatedFeaturesIndices,
    @JsonProperty("correlated_features_pearson") List<Double> correlatedFeaturesPearson,
    @JsonProperty("correlated_features_l1") List<Double> correlatedFeaturesL1,
    @JsonProperty("neg_str") List<String> negStr,
    @JsonProperty("neg_values") List<Double> negValues,
    @JsonProperty("pos_str") List<String> posStr,
    @JsonProperty("pos_values") List<Double> posValues,
    @JsonProperty("frac_nonzero") double fracNonzero,
    @JsonProperty("freq_hist_data_bar_heights") List<Double> freqHistDataBarHeights,
    @JsonProperty("freq_hist_data_bar_values") List<Double> freqHistDataBarValues,
    @JsonProperty("logits_hist_data_bar_heights") List<Double> logitsHistDataBarHeights,
    @JsonProperty("logits_hist_data_bar_values") List<Double> logitsHistDataBarValues,
    @JsonProperty("decoder_weights_dist") List<Double> decoderWeightsDist,
    @JsonProperty("umap_x") Optional<Double> umapX,
    @JsonProperty("umap_y") Optional<Double> umapY,
    @JsonProperty("umap_cluster") Optional<Integer> umapCluster,
    @JsonProperty("umap_log_feature_sparsity") Optional<Double> umapLogFeatureSparsity) {
  public NeuronpediaNeuron {
    vector = List.copyOf(vector);
    topkCosSimIndices = List.copyOf(topkCosSimIndices);
    topkCosSimValues = List.copyOf(topkCosSimValues);
    neuronAlignmentIndices = List.copyOf(neuronAlignmentIndices);
    neuronAlignmentValues = List.copyOf(neuronAlignmentValues);
    neuronAlignmentL1 = List.copyOf(neuronAlignmentL1);
    correlatedNeuronsIndices = List.copyOf(correlatedNeuronsIndices);
    correlatedNeuronsPearson = List.copyOf(correlatedNeuronsPearson);
    correlatedNeuronsL1 = List.copyOf(correlatedNeuronsL1);
    correlatedFeaturesIndices = List.copyOf(correlatedFeaturesIndices);
    correlatedFeaturesPearson = List.copyOf(correlatedFeaturesPearson);
    correlatedFeaturesL1 = List.copyOf(correlatedFeaturesL1);
    negStr = List.copyOf(negStr);
    negValues = List.copyOf(negValues);
    posStr = List.copyOf(posStr);
    posValues = List.copyOf(posValues);
    freqHistDataBarHeights = List.copyOf(freqHistDataBarHeights);
    freqHistDataBarValues = List.copyOf(freqHistDataBarValues);
    logitsHistDataBarHeights = List.copyOf(logitsHistDataBarHeights);
    logitsHistDataBarValues = List.copyOf(logitsHistDataBarValues);
    decoderWeightsDist = List.copyOf(decoderWeightsDist);
    Lengths.same("topkCosSimValues", topkCosSimValues, "topkCosSimIndices", topkCosSimIndices);
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
