package dev.loupe.exchange;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.dictionary.DictionaryName;

/**
 * What an export wrote.
 *
 * @param features that were asked for
 * @param dead of these, that never fire
 * @param activations samples of the others
 * @param batches files, or pairs of them
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record ExportSummary(
    DictionaryName dictionary, int features, int dead, long activations, int batches) {}
