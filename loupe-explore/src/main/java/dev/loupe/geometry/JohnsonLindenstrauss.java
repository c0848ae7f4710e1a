package dev.loupe.geometry;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Optional;

/**
 * The bound that Llama Scope (section 4.6) holds cosines against: of F random directions in D
 * dimensions some pair has a cosine above ε = √(12 ln F / D) with a probability of about 2 / F².
 *
 * @param epsilon ε
 * @param probability 2 / F²
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record JohnsonLindenstrauss(double epsilon, double probability) {
  /** The least D: in fewer dimensions the bound is so loose that it says nothing. */
  public static final int LEAST = 1_000;

  static Optional<JohnsonLindenstrauss> of(int features, int dimensions) {
    double f = features;
    return dimensions < LEAST
        ? Optional.empty()
        : Optional.of(
            new JohnsonLindenstrauss(
                Distribution.rounded(Math.sqrt(12 * Math.log(f) / dimensions)), 2 / (f * f)));
  }
}
