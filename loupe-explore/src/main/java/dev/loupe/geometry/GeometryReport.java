package dev.loupe.geometry;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.files.AtomicFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * {@code reports/geometry.json}. Holds no times, so that the same request gives the same bytes.
 *
 * @param format version of this file's form
 * @param model the language model's name
 * @param command the command line, or what stood for it
 * @param settings what was asked for
 * @param levels of the quantiles of each distribution
 * @param dictionaries that were looked at
 * @param comparisons each way
 * @param stability of dictionaries that differ in the seed alone
 * @param neighbours of chosen features
 * @param clusters of each dictionary; empty if not asked for
 * @param map of chosen features and their neighbours, or of whole dictionaries
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record GeometryReport(
    int format,
    String model,
    List<String> command,
    GeometrySetup settings,
    List<Double> levels,
    List<Counted> dictionaries,
    List<Comparison> comparisons,
    List<Stability> stability,
    List<Neighbours> neighbours,
    List<DirectionClusters> clusters,
    Optional<FeatureMap> map) {
  public static final int FORMAT = 1;

  public GeometryReport {
    command = List.copyOf(command);
    levels = List.copyOf(levels);
    dictionaries = List.copyOf(dictionaries);
    comparisons = List.copyOf(comparisons);
    stability = List.copyOf(stability);
    neighbours = List.copyOf(neighbours);
    clusters = List.copyOf(clusters);
  }

  /**
   * A dictionary and what counts of it.
   *
   * @param features F
   * @param live those that are looked at
   * @param dimensions D
   * @param deadBy how the others were known
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Counted(
      DictionaryName name, int features, int live, int dimensions, DeadBy deadBy) {}

  /** Writes the file whole or not at all. */
  public void write(Path file) {
    AtomicFile.writeJson(file, this);
  }
}
