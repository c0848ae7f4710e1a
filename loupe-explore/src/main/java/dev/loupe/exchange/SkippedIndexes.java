package dev.loupe.exchange;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;

/**
 * {@code skipped_indexes.json} of SAEDashboard: the features that its batches leave out.
 *
 * @param layer as a text, as SAEDashboard has it here
 * @param logSparsity log10 of the rate of firing below which a feature is left out
 * @param skippedIndexes their numbers, ascending
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record SkippedIndexes(
    String modelId, String layer, String saeSet, double logSparsity, List<Integer> skippedIndexes) {
  public SkippedIndexes {
    skippedIndexes = List.copyOf(skippedIndexes);
  }
}
