package dev.loupe.evaluate;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.model.Hook;
import java.util.Optional;

/**
 * What a report needs to know of a subject beside its sums.
 *
 * @param outputSize D out
 * @param weights as {@link Subject#weights}
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
record SubjectLabel(
    String name, Hook hookIn, Hook hookOut, long outputSize, Optional<WeightMetrics> weights) {
  /** The name of a column of its sums. */
  String column(String quantity) {
    return name + "." + quantity;
  }
}
