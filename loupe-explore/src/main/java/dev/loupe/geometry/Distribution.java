package dev.loupe.geometry;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How some cosines are distributed. Values are rounded to six decimals.
 *
 * @param count how many there are
 * @param quantiles at the levels {@link #LEVELS}, linear between the values
 * @param above07 share of those above 0.7
 * @param above09 share of those above 0.9
 * @param histogram counts of {@link #BINS} bins of equal width from −1 to 1
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Distribution(
    int count,
    double mean,
    List<Double> quantiles,
    @JsonProperty("share_above_0.7") double above07,
    @JsonProperty("share_above_0.9") double above09,
    List<Integer> histogram) {
  public static final List<Double> LEVELS =
      List.of(0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99);
  public static final int BINS = 100;

  public Distribution {
    quantiles = List.copyOf(quantiles);
    histogram = List.copyOf(histogram);
    if (quantiles.size() != LEVELS.size() || histogram.size() != BINS) {
      throw new IllegalArgumentException(
          "expected %d quantiles and %d bins, got %d and %d"
              .formatted(LEVELS.size(), BINS, quantiles.size(), histogram.size()));
    }
  }

  /**
   * @param cosines one or more
   */
  static Distribution of(float[] cosines) {
    if (cosines.length == 0) {
      throw new IllegalArgumentException("expected one cosine or more, got none");
    }
    float[] sorted = cosines.clone();
    Arrays.sort(sorted);
    double sum = 0;
    int[] bins = new int[BINS];
    for (float cosine : sorted) {
      sum += cosine;
      bins[Math.clamp((int) Math.floor((cosine + 1) / 2 * BINS), 0, BINS - 1)]++;
    }
    List<Double> quantiles = new ArrayList<>();
    LEVELS.forEach(level -> quantiles.add(rounded(quantile(sorted, level))));
    return new Distribution(
        sorted.length,
        rounded(sum / sorted.length),
        quantiles,
        rounded(shareAbove(cosines, 0.7)),
        rounded(shareAbove(cosines, 0.9)),
        Arrays.stream(bins).boxed().toList());
  }

  /** The quantile at one of the levels. */
  public double quantile(double level) {
    int index = LEVELS.indexOf(level);
    if (index < 0) {
      throw new IllegalArgumentException("expected a level of " + LEVELS + ", got " + level);
    }
    return quantiles.get(index);
  }

  private static double quantile(float[] sorted, double level) {
    double place = level * (sorted.length - 1);
    int below = (int) place;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * ((double) sorted[above] - sorted[below]);
  }

  static double shareAbove(float[] cosines, double bound) {
    int above = 0;
    for (float cosine : cosines) {
      above += cosine > bound ? 1 : 0;
    }
    return (double) above / cosines.length;
  }

  /** To six decimals: what float32 products are good for. */
  static double rounded(double value) {
    return Math.rint(value * 1e6) / 1e6;
  }
}
