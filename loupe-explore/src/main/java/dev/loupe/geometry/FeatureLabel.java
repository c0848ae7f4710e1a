package dev.loupe.geometry;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.dictionary.FeatureName;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A feature and what is known of it in a few words.
 *
 * @param rate share of the counted tokens on which it fires; empty without a feature store
 * @param tokens on which it fires most; empty without a feature store
 * @param explanation the latest that somebody or something wrote
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record FeatureLabel(
    FeatureName feature, OptionalDouble rate, List<String> tokens, Optional<String> explanation) {
  public FeatureLabel {
    tokens = List.copyOf(tokens);
  }
}
