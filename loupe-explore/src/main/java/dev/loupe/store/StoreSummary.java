package dev.loupe.store;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.dictionary.DictionaryName;
import java.util.List;
import java.util.Optional;

/**
 * {@code analysis.json}: of what a store is, and what it says of the dictionary as a whole. Holds
 * no times and no paths, so that the same analysis gives the same bytes.
 *
 * @param format version of the store's form
 * @param dictionary whose features these are
 * @param request SHA-256 of all that the numbers depend on
 * @param model its name
 * @param modelFingerprint of what was run
 * @param corpus names of the sources
 * @param corpusFingerprint of the sources and of what was drawn
 * @param split of the documents: held-out, train or all
 * @param context most ids of a context
 * @param seed of all that is drawn
 * @param tokens counted tokens: what firings are a share of
 * @param contexts that they are in
 * @param documents that those are of
 * @param positionTokens counted tokens by position in the context: 1, 2-3, 4-7, ...
 * @param features number of features
 * @param dead features that never fired
 * @param dense features that fired on more than 10 % of the tokens
 * @param singleToken features of which one token id has 90 % of the activation
 * @param l0 features that fire per counted token
 * @param categories what the ground truth says, where documents carry categories
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record StoreSummary(
    int format,
    DictionaryName dictionary,
    String request,
    String model,
    String modelFingerprint,
    List<String> corpus,
    String corpusFingerprint,
    String split,
    int context,
    long seed,
    long tokens,
    int contexts,
    int documents,
    List<Long> positionTokens,
    int features,
    int dead,
    int dense,
    int singleToken,
    double l0,
    Optional<Categories> categories) {
  /** The form that this version writes and reads. */
  public static final int FORMAT = 1;

  static final String FILE = "analysis.json";

  public StoreSummary {
    if (features < 0) {
      throw new IllegalArgumentException("expected features of at least 0, got " + features);
    }
    corpus = List.copyOf(corpus);
    positionTokens = List.copyOf(positionTokens);
  }

  /**
   * How well single features tell the categories of documents.
   *
   * @param choosingDocuments held-out documents on which feature, sign and threshold are chosen
   * @param scoringDocuments others, on which they are scored
   * @param measured what was found with the features
   * @param floors what the same search finds elsewhere
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Categories(
      int choosingDocuments, int scoringDocuments, Search measured, List<Search> floors) {
    public Categories {
      floors = List.copyOf(floors);
    }
  }

  /**
   * The best candidate for each category.
   *
   * @param among what the candidates are
   * @param candidates how many were searched, each with both signs
   * @param meanBestF1 mean over the categories of the F1 of the candidate chosen for each
   * @param aboveHalf categories whose chosen candidate has an F1 above 0.5
   * @param best for each category
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Search(
      String among, int candidates, double meanBestF1, int aboveHalf, List<Best> best) {
    public Search {
      best = List.copyOf(best);
    }

    /** The same under another name. */
    public Search among(String other) {
      return new Search(other, candidates, meanBestF1, aboveHalf, best);
    }
  }

  /**
   * The candidate chosen for a category.
   *
   * @param positives documents of the category among the scoring ones
   * @param candidate its number
   * @param sign 1 where documents with a maximum above the threshold are found, -1 where those not
   *     above it are
   * @param f1 on the scoring documents, with a 95 % interval
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Best(
      String category,
      int positives,
      int candidate,
      int sign,
      double threshold,
      double f1,
      double f1Low,
      double f1High) {}
}
