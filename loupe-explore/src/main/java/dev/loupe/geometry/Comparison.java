package dev.loupe.geometry;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.analyze.NearestDirections;
import dev.loupe.dictionary.DictionaryName;
import java.util.Optional;

/**
 * How near the features of one dictionary are to those of another: for each the largest cosine of
 * its decoder column with a column of the other, against what chance gives.
 *
 * @param from whose live features are looked at
 * @param to in which the nearest is looked for
 * @param measured maximum cosines, one a feature
 * @param random of random directions against the columns of {@code to}
 * @param covariance of Gaussian directions with the covariance of the columns of {@code to}
 * @param aboveRandom share of features above the 99 % quantile of {@code random}
 * @param aboveCovariance share of features above the 99 % quantile of {@code covariance}
 * @param johnsonLindenstrauss only where D is at least {@value JohnsonLindenstrauss#LEAST}
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Comparison(
    DictionaryName from,
    DictionaryName to,
    Distribution measured,
    Distribution random,
    Distribution covariance,
    @JsonProperty("share_above_random") double aboveRandom,
    @JsonProperty("share_above_covariance") double aboveCovariance,
    Optional<JohnsonLindenstrauss> johnsonLindenstrauss) {

  /**
   * Compares two.
   *
   * @param draws of each baseline, at most; never more than there are features
   */
  static Comparison of(Directions from, Directions to, int draws, long seed) {
    float[] maxima = NearestDirections.of(from.unit(), to.unit(), 1, false).maxima();
    int drawn = Math.min(draws, from.size());
    Distribution random = Distribution.of(Baselines.random(to.unit(), drawn, seed));
    Distribution covariance = Distribution.of(Baselines.covariance(to.unit(), drawn, seed));
    return new Comparison(
        from.name(),
        to.name(),
        Distribution.of(maxima),
        random,
        covariance,
        Distribution.rounded(Distribution.shareAbove(maxima, random.quantile(0.99))),
        Distribution.rounded(Distribution.shareAbove(maxima, covariance.quantile(0.99))),
        JohnsonLindenstrauss.of(to.all(), to.dimensions()));
  }
}
