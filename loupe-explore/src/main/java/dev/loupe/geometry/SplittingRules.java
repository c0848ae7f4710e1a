package dev.loupe.geometry;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * When a wide feature refines a narrow one, and when it is new.
 *
 * @param cosine of decoder columns, at least, for being near
 * @param containment P(narrow fires | wide fires), at least, for being contained
 * @param firings of a feature, at least, for anything to be said of it
 * @param mostRate of a narrow feature that contains: one that fires on more tokens contains
 *     anything
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record SplittingRules(double cosine, double containment, int firings, double mostRate) {
  public static final SplittingRules USUAL = new SplittingRules(0.4, 0.5, 20, 0.1);

  public SplittingRules {
    if (!(cosine > 0 && cosine <= 1 && containment > 0 && containment <= 1)) {
      throw new IllegalArgumentException(
          "expected a cosine and a containment above 0 and at most 1, got %s and %s"
              .formatted(cosine, containment));
    }
    if (firings < 1 || !(mostRate > 0 && mostRate <= 1)) {
      throw new IllegalArgumentException(
          "expected 1 firing or more and a rate above 0 and at most 1, got %d and %s"
              .formatted(firings, mostRate));
    }
  }
}
