package dev.loupe.exchange;

import java.util.List;
import java.util.Optional;

/**
 * A sample as a row of {@code activations/batch-N.jsonl.gz}, with the columns of Neuronpedia's
 * table Activation in the spelling of exports. What Loupe leaves empty: where attention moved the
 * feature from (dfa, z), and the logits that it contributes.
 *
 * @param id of 25 characters, unique in all exports
 * @param values the feature's activation on each token
 * @param index the feature's number, as a text
 * @param layer the source, such as {@code 2-loupe-r-8x}
 * @param dataIndex row of the document in its file, from 0
 * @param dataSource source of the corpus and file
 * @param zIndices two lists of positions
 * @param lossValues of the token after each, in nats; 0 where it is not known
 * @param binMin lower end of the interval that it is of; -1 for the strongest samples
 * @param binMax upper end; the feature's maximum for those
 * @param binContains share of tokens whose activation is in the interval; -1 for those
 * @param qualifyingTokenIndex of the token for which it was chosen
 */
public record NeuronpediaActivation(
    String id,
    List<String> tokens,
    List<Double> values,
    double maxValue,
    int maxValueTokenIndex,
    double minValue,
    String index,
    String layer,
    String modelId,
    String creatorId,
    String createdAt,
    Optional<String> dataIndex,
    Optional<String> dataSource,
    List<Double> dfaValues,
    Optional<Integer> dfaTargetIndex,
    Optional<Double> dfaMaxValue,
    List<List<Integer>> zIndices,
    List<Double> zValues,
    List<Double> lossValues,
    Optional<String> logitContributions,
    Optional<Double> binMin,
    Optional<Double> binMax,
    Optional<Double> binContains,
    Optional<Integer> qualifyingTokenIndex) {
  static final int ID_LENGTH = 25;

  public NeuronpediaActivation {
    tokens = List.copyOf(tokens);
    values = List.copyOf(values);
    dfaValues = List.copyOf(dfaValues);
    zIndices = zIndices.stream().map(List::copyOf).toList();
    zValues = List.copyOf(zValues);
    lossValues = List.copyOf(lossValues);
    if (id.isEmpty() || id.length() > ID_LENGTH) {
      throw new IllegalArgumentException(
          "expected an id of 1 to %d characters, got '%s'".formatted(ID_LENGTH, id));
    }
    Lengths.same("values", values, "tokens", tokens);
    Lengths.index("maxValueTokenIndex", maxValueTokenIndex, "tokens", tokens);
    if (!dfaValues.isEmpty()) {
      Lengths.same("dfaValues", dfaValues, "tokens", tokens);
    }
    for (List<Integer> indices : zIndices) {
      Lengths.same("zIndices", indices, "zValues", zValues);
    }
    if (!lossValues.isEmpty()) {
      Lengths.same("lossValues", lossValues, "tokens", tokens);
    }
    if (qualifyingTokenIndex.isPresent()) {
      Lengths.index("qualifyingTokenIndex", qualifyingTokenIndex.get(), "tokens", tokens);
    }
  }
}
