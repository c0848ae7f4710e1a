package dev.loupe.interpret;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Optional;

/**
 * How well an explanation did in a test. A plain value.
 *
 * @param explanation id of what was tested; a test of the feature alone (intruder) is kept with its
 *     rules
 * @param scorer of {@code [a-z0-9_-]}: embedding, rule, detection, fuzzing, intruder, simulation,
 *     surprisal; {@link #SAME_EXAMPLES} judges the explained examples themselves, and is averaged
 *     with nothing
 * @param author who judged: {@code loupe}, or the name of a language model
 * @param basis of all that it depends on, as {@link Explanation#basis}
 * @param measured what came out
 * @param baseline the same test of another feature's explanation, of the same decile of firing
 *     rates; empty where the test needs no explanation, or there is no other
 * @param prompts keys of the questions and answers
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Score(
    String explanation,
    String scorer,
    String author,
    String basis,
    Measured measured,
    Optional<Baseline> baseline,
    List<String> prompts) {
  /** The 1 to 5 rubric, whose examples are those that were explained. */
  public static final String SAME_EXAMPLES = "rubric_same_examples";

  public Score {
    prompts = List.copyOf(prompts);
    if (!scorer.matches("[a-z0-9_-]{1,60}")) {
      throw new IllegalArgumentException(
          "expected a scorer of 1 to 60 of a-z, 0-9, _ and -, got '%.80s'".formatted(scorer));
    }
  }

  /**
   * The same test of another feature's words, without strata.
   *
   * @param feature whose words these are
   */
  public record Baseline(int feature, Measured measured) {}

  /** Value less the baseline's; empty without one, or where one of them is not known. */
  public Optional<Double> lift() {
    return baseline
        .filter(other -> measured.known() && other.measured().known())
        .map(other -> measured.value() - other.measured().value());
  }
}
