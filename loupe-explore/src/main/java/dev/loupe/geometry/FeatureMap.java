package dev.loupe.geometry;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.dictionary.FeatureName;
import dev.loupe.tensor.SeededRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import tagbio.umap.Umap;

/**
 * Decoder columns in the plane (UMAP, McInnes and others 2018, by cosine): the same picture for the
 * same seed. Places say which features lie together; distances between far ones say nothing.
 *
 * @param neighbours of each point that the picture tries to keep near
 * @param available points that were to be drawn
 * @param drawn points that were: all, or a seeded sample
 * @param points in the order of the dictionaries and features
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record FeatureMap(int neighbours, int available, int drawn, List<Point> points) {
  private static final int NEIGHBOURS = 15;
  private static final int LEAST = 5;

  public FeatureMap {
    points = List.copyOf(points);
  }

  /** Where a feature is drawn. */
  public record Point(@JsonUnwrapped FeatureLabel feature, double x, double y) {}

  /**
   * A direction to be drawn.
   *
   * @param vector of norm 1 // [D]
   */
  @SuppressWarnings("ArrayRecordComponent") // a carrier; never compared
  record Direction(FeatureName feature, float[] vector) {}

  /** At most so many of some features: all, or a seeded sample in their order. */
  static List<FeatureName> sample(List<FeatureName> all, int most, long seed) {
    SeededRandom random = new SeededRandom(seed, "points of a map");
    return IntStream.range(0, all.size())
        .boxed()
        .sorted(Comparator.comparingLong((Integer i) -> random.bits(i)))
        .limit(most)
        .sorted()
        .map(all::get)
        .toList();
  }

  /**
   * Draws directions.
   *
   * @param drawn all of one D
   * @param available how many there would have been to draw
   */
  static FeatureMap of(
      List<Direction> drawn, int available, long seed, Function<FeatureName, FeatureLabel> label) {
    if (drawn.size() < LEAST) {
      throw new IllegalArgumentException(
          "expected %d features or more to draw, got %d; more --neighbours draw more"
              .formatted(LEAST, drawn.size()));
    }
    int neighbours = Math.min(NEIGHBOURS, drawn.size() - 1);
    float[][] places =
        new Umap()
            .setNumberComponents(2)
            .setNumberNearestNeighbours(neighbours)
            .setMetric("cosine")
            .setAngularRpForest(true)
            .setThreads(1) // more would make the picture another one each time
            .setSeed(seed)
            .fitTransform(drawn.stream().map(Direction::vector).toArray(float[][]::new));
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < places.length; i++) {
      points.add(
          new Point(
              label.apply(drawn.get(i).feature),
              Distribution.rounded(places[i][0]),
              Distribution.rounded(places[i][1])));
    }
    return new FeatureMap(neighbours, available, drawn.size(), points);
  }
}
