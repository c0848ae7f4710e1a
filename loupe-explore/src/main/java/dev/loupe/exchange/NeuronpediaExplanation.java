package dev.loupe.exchange;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.OptBoolean;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * What is said of a feature, as a row of {@code explanations/batch-N.jsonl.gz}, with the columns of
 * Neuronpedia's table Explanation. Neuronpedia's own exports have no notes, scores and times.
 *
 * @param layer the source, such as {@code 2-loupe-r-8x}
 * @param index the feature's number, as a text
 * @param typeName the method: the key of a row of {@link NeuronpediaConfig.ExplanationType}
 * @param explanationModelName the language model, where one made it: likewise of {@link
 *     NeuronpediaConfig.Model}
 * @param notes here the basis, the prompts and the rules, as JSON, so that it can be read back
 *     equal
 * @param embedding a list, or one as a text; none here, as the database takes no empty one, and
 *     Neuronpedia's are of a model of its own
 */
public record NeuronpediaExplanation(
    String id,
    String modelId,
    String layer,
    String index,
    String authorId,
    String description,
    Optional<JsonNode> embedding,
    Optional<String> typeName,
    Optional<String> explanationModelName,
    @JsonProperty(value = "umap_x", isRequired = OptBoolean.FALSE) Optional<Double> umapX,
    @JsonProperty(value = "umap_y", isRequired = OptBoolean.FALSE) Optional<Double> umapY,
    @JsonProperty(value = "umap_cluster", isRequired = OptBoolean.FALSE)
        Optional<Integer> umapCluster,
    @JsonProperty(value = "umap_log_feature_sparsity", isRequired = OptBoolean.FALSE)
        Optional<Double> umapLogFeatureSparsity,
    @JsonProperty(isRequired = OptBoolean.FALSE) Optional<String> triggeredByUserId,
    @JsonProperty(isRequired = OptBoolean.FALSE) Optional<String> notes,
    @JsonProperty(isRequired = OptBoolean.FALSE) Optional<Double> scoreV1,
    @JsonProperty(isRequired = OptBoolean.FALSE) Optional<Double> scoreV2,
    @JsonProperty(isRequired = OptBoolean.FALSE) Optional<String> createdAt) {
  /**
   * A score of an explanation, as a row of {@code explanation_scores/batch-N.jsonl.gz}, with the
   * columns of Neuronpedia's table ExplanationScore. Its bulk layout has no folder for them; its
   * import of single files takes them.
   *
   * @param explanationScoreTypeName the scorer: the key of a row of {@link
   *     NeuronpediaConfig.ScoreType}
   * @param explanationScoreModelName who judged, {@code loupe} where no language model did:
   *     likewise of {@link NeuronpediaConfig.Model}, and never empty there
   * @param jsonDetails all of the score: interval, counts, strata, baseline
   */
  public record Score(
      String id,
      String initiatedByUserId,
      double value,
      String explanationId,
      String explanationScoreTypeName,
      String explanationScoreModelName,
      String jsonDetails,
      @JsonProperty(isRequired = OptBoolean.FALSE) Optional<String> createdAt) {}
}
