package dev.loupe.geometry;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.FeatureName;
import dev.loupe.files.AtomicFile;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * {@code reports/splitting-NARROW-WIDE.json}: how the features of a narrow dictionary split in a
 * wide one. Holds no times, so that the same request gives the same bytes.
 *
 * @param format version of this file's form
 * @param command the command line, or what stood for it
 * @param settings on what it was measured, and by what rules
 * @param counts how many features are what
 * @param measured maximum cosines of the wide features towards the narrow dictionary
 * @param chance the same of Gaussian directions with the covariance of the narrow columns
 * @param families narrow features and what refines them, those with most children first
 * @param newFeatures wide features near to no narrow one and contained in none, most firings first
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record SplittingReport(
    int format,
    List<String> command,
    Settings settings,
    Counts counts,
    Distribution measured,
    Distribution chance,
    List<Tree> families,
    List<NewFeature> newFeatures) {
  public static final int FORMAT = 1;

  public SplittingReport {
    command = List.copyOf(command);
    families = List.copyOf(families);
    newFeatures = List.copyOf(newFeatures);
  }

  /**
   * On what it was measured.
   *
   * @param model the language model's name
   * @param corpus names of its sources
   * @param corpusFingerprint of the sources and of what was drawn
   * @param context most ids of a context; 0 for the suite's own
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Settings(
      DictionaryName narrow,
      DictionaryName wide,
      String model,
      String modelFingerprint,
      List<String> corpus,
      String corpusFingerprint,
      String split,
      int context,
      String lmDtype,
      long seed,
      SplittingRules rules) {
    public Settings {
      corpus = List.copyOf(corpus);
    }
  }

  /**
   * How many features are what.
   *
   * @param tokens counted tokens that both dictionaries encoded
   * @param categoryDocuments of them documents with a category
   * @param narrowFeatures F of the narrow dictionary
   * @param narrowRare that fire too seldom to be a parent
   * @param narrowDense that fire too often to be one
   * @param narrowSplit with two children or more
   * @param narrowKept with one child
   * @param narrowAlone with none, of those that may be parents
   * @param wideFeatures F of the wide one
   * @param wide features of each kind: refines, new, near_only, contained_only, rare
   * @param wideByChance the same kinds where wide features fire half the tokens later than they do:
   *     what rates alone give
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Counts(
      long tokens,
      int contexts,
      int documents,
      int categoryDocuments,
      int narrowFeatures,
      int narrowRare,
      int narrowDense,
      int narrowSplit,
      int narrowKept,
      int narrowAlone,
      int wideFeatures,
      SequencedMap<String, Integer> wide,
      SequencedMap<String, Integer> wideByChance) {
    public Counts {
      wideByChance = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(wideByChance));
      wide = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(wide));
    }
  }

  /**
   * The category of documents that a feature tells best by firing: chosen on one half of them.
   *
   * @param f1 on the other half
   */
  public record Category(String name, double f1) {}

  /**
   * How the documents in which a feature fires and those of a category lie to each other.
   *
   * @param precision share of the feature's documents that are of the category
   * @param recall share of the category's documents in which it fires
   */
  public record Share(double precision, double recall) {}

  /**
   * A narrow feature and the wide ones that refine it.
   *
   * @param firings tokens on which it fires
   * @param coverage share of these on which at least one child fires
   * @param category that it tells best
   * @param inCategory how it lies to that
   * @param children by the share of the parent's firings that they cover, most first
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Tree(
      @JsonUnwrapped FeatureLabel parent,
      int firings,
      double coverage,
      Optional<Category> category,
      Optional<Share> inCategory,
      List<Child> children) {
    public Tree {
      children = List.copyOf(children);
    }
  }

  /**
   * A wide feature that refines a narrow one.
   *
   * @param cosine of the decoder columns
   * @param containment share of its firings on which the parent fires
   * @param covers share of the parent's firings on which it fires
   * @param category that it tells best itself
   * @param inParentsCategory how it lies to the category of its parent
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Child(
      @JsonUnwrapped FeatureLabel feature,
      int firings,
      double cosine,
      double containment,
      double covers,
      Optional<Category> category,
      Optional<Share> inParentsCategory) {}

  /**
   * A wide feature that nothing in the narrow dictionary stands for.
   *
   * @param nearest narrow feature
   * @param cosine with it
   * @param container narrow feature that fires on most of its firings
   * @param containment share of its firings on which that one fires
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record NewFeature(
      @JsonUnwrapped FeatureLabel feature,
      int firings,
      FeatureName nearest,
      double cosine,
      Optional<FeatureName> container,
      double containment,
      Optional<Category> category) {}

  /** Writes the file whole or not at all. */
  public void write(Path file) {
    AtomicFile.writeJson(file, this);
  }
}
