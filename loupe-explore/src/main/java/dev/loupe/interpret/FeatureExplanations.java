package dev.loupe.interpret;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * All that was said of one feature by machine. A plain value.
 *
 * @param explained in the order in which it was said
 */
public record FeatureExplanations(List<Explained> explained) {
  static final FeatureExplanations NONE = new FeatureExplanations(List.of());

  /** Tests that tell which explanation is best, the weightiest first. */
  private static final List<String> TELLING = List.of("detection", "fuzzing", "embedding");

  /** Methods where no test tells, the weightiest first. */
  private static final List<String> METHODS =
      List.of("paper", "highlights", "logits", "rules", "category", "tokens");

  public FeatureExplanations {
    explained = List.copyOf(explained);
  }

  /**
   * An explanation with what tests gave.
   *
   * @param time when it was written, ISO 8601
   * @param scores in the order in which they were written
   */
  public record Explained(Explanation explanation, String time, List<Score> scores) {
    public Explained {
      scores = List.copyOf(scores);
    }

    /** The last score of a scorer. */
    public Optional<Score> score(String scorer) {
      return scores.stream().filter(s -> s.scorer().equals(scorer)).reduce((_, last) -> last);
    }

    /** The weightiest score that tells explanations apart. */
    public Optional<Score> telling() {
      return TELLING.stream().flatMap(name -> score(name).stream()).findFirst();
    }
  }

  /** The last explanation of each method, in the order in which methods first spoke. */
  public List<Explained> current() {
    SequencedMap<String, Explained> last = new LinkedHashMap<>();
    explained.forEach(each -> last.put(each.explanation().method(), each));
    return List.copyOf(last.values());
  }

  /**
   * The best of the current ones: with the largest value of the weightiest test that all of them
   * have; where there is none, or they are equal, by method.
   */
  public Optional<Explained> best() {
    List<Explained> all = current();
    Optional<String> test =
        TELLING.stream()
            .filter(name -> all.stream().allMatch(e -> value(e, name).isPresent()))
            .findFirst();
    return all.stream()
        .max(
            Comparator.comparingDouble((Explained e) -> test.flatMap(t -> value(e, t)).orElse(0.0))
                .thenComparing(Comparator.comparingInt(FeatureExplanations::rank).reversed()));
  }

  private static Optional<Double> value(Explained explained, String scorer) {
    return explained
        .score(scorer)
        .map(s -> s.measured())
        .filter(Measured::known)
        .map(Measured::value);
  }

  private static int rank(Explained explained) {
    int rank = METHODS.indexOf(explained.explanation().method());
    return rank < 0 ? METHODS.size() : rank;
  }
}
