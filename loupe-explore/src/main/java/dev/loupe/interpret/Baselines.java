package dev.loupe.interpret;

import dev.loupe.tensor.SeededRandom;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;

/**
 * Explanations of other features, for a test to be held against: by the same method, of a feature
 * that fires about as often. Immutable.
 */
final class Baselines {
  /**
   * What an explanation and its baseline have in common.
   *
   * @param decile of the feature, by firing rate
   */
  private record Kind(String method, int decile) {}

  private final IntUnaryOperator decileOf;
  private final SeededRandom random;
  private final Map<Kind, List<Explanation>> explanations; // each list in the order given

  /**
   * @param explanations to draw from
   * @param decileOf by feature, which tenth of them it is of by firing rate
   */
  Baselines(Collection<Explanation> explanations, IntUnaryOperator decileOf, long seed) {
    this.decileOf = decileOf;
    this.random = new SeededRandom(seed, "baselines of explanations");
    this.explanations = explanations.stream().collect(Collectors.groupingBy(this::kind));
  }

  private Kind kind(Explanation explanation) {
    return new Kind(explanation.method(), decileOf.applyAsInt(explanation.feature()));
  }

  /** Another feature's words, drawn by the seed; empty where there are no others. */
  Optional<Explanation> of(Explanation explanation) {
    List<Explanation> same = explanations.getOrDefault(kind(explanation), List.of());
    int start = same.isEmpty() ? 0 : random.below(explanation.feature(), same.size());
    for (int i = 0; i < same.size(); i++) {
      Explanation other = same.get((start + i) % same.size());
      if (other.feature() != explanation.feature() && !other.text().equals(explanation.text())) {
        return Optional.of(other);
      }
    }
    return Optional.empty();
  }
}
