package dev.loupe.interpret;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Optional;

/**
 * What a person said of passages, going by an explanation alone, as a judge does in the same test.
 * A plain value, whole in itself: what the judge said of the same passages stands beside.
 *
 * @param rater who, as they call themselves
 * @param feature its number in the dictionary
 * @param explanation its id
 * @param test detection or fuzzing, as {@link JudgedScorer.Test#label}
 * @param judge whose verdicts stand beside; empty where there are none
 * @param items in the order in which they were shown
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record Rating(
    String rater,
    int feature,
    String explanation,
    String test,
    Optional<String> judge,
    List<Item> items) {
  /** Longest name. */
  public static final int MAX_RATER = 100;

  public Rating {
    items = List.copyOf(items);
    if (rater.isBlank() || rater.length() > MAX_RATER) {
      throw new IllegalArgumentException(
          "expected the name of who rates, of 1 to %d characters, got %d"
              .formatted(MAX_RATER, rater.length()));
    }
    if (items.isEmpty()) {
      throw new IllegalArgumentException("expected what was said of passages, got none");
    }
  }

  /**
   * A passage.
   *
   * @param stratum of the example
   * @param active what is right
   * @param said what the person said
   * @param judged what the judge said; empty where it said nothing
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  public record Item(String stratum, boolean active, boolean said, Optional<Boolean> judged) {}
}
