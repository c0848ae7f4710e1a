package dev.loupe.geometry;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.FeatureName;
import dev.loupe.dictionary.Suite;
import java.util.List;

/**
 * What to look at.
 *
 * @param suite of the dictionaries
 * @param only some of them; all if empty
 * @param features whose neighbours are wanted in each of the dictionaries, and drawn with them
 * @param map dictionaries to draw whole
 * @param allPairs whether each dictionary is compared with each, not only related ones
 * @param clusters whether clusters are wanted
 * @param neighbours of each feature in each dictionary
 * @param baselineDraws directions of each baseline, at most
 * @param mapPoints of a map, at most
 * @param resolution of the clusters
 * @param seed of baselines, clusters and maps
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record GeometrySetup(
    @JsonIgnore Suite suite,
    List<DictionaryName> only,
    List<FeatureName> features,
    List<DictionaryName> map,
    boolean allPairs,
    boolean clusters,
    int neighbours,
    int baselineDraws,
    int mapPoints,
    double resolution,
    long seed) {
  public GeometrySetup {
    only = List.copyOf(only);
    features = List.copyOf(features);
    map = List.copyOf(map);
    if (neighbours < 1 || baselineDraws < 100 || mapPoints < 10) {
      throw new IllegalArgumentException(
          "expected at least 1 neighbour, 100 baseline directions and 10 points, got %d, %d and %d"
              .formatted(neighbours, baselineDraws, mapPoints));
    }
    if (!(resolution > 0)) {
      throw new IllegalArgumentException("expected a resolution above 0, got " + resolution);
    }
    only.forEach(suite::folder); // refuses names that the suite lacks
    map.forEach(suite::folder);
    features.forEach(feature -> suite.folder(feature.dictionary()));
  }

  /** The dictionaries that are looked at, in order. */
  List<DictionaryName> names() {
    return (only.isEmpty() ? suite.names() : only).stream().sorted().distinct().toList();
  }

  /** Whether two are compared: same site, in one layer or, alike, in layers side by side. */
  boolean areCompared(DictionaryName a, DictionaryName b) {
    boolean alike = a.expansion() == b.expansion() && a.variant().equals(b.variant());
    boolean related =
        a.site() == b.site()
            && (a.layer() == b.layer() || (alike && Math.abs(a.layer() - b.layer()) == 1));
    return !a.equals(b) && (allPairs || related || names().size() == 2);
  }
}
