package dev.loupe.interpret;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import java.util.List;
import java.util.Optional;

/**
 * What shall be explained, and how. A plain value; borrows explainers and scorers.
 *
 * @param name an analysed dictionary of the suite
 * @param features chosen by number; empty for {@code most}
 * @param most features, drawn by the seed among those that fire; all where there are fewer
 * @param seed of what is drawn
 * @param threads that explain and score
 */
public record InterpretSetup(
    Suite suite,
    DictionaryName name,
    List<Explainer> explainers,
    List<Scorer> scorers,
    Optional<List<Integer>> features,
    int most,
    long seed,
    int threads) {
  public InterpretSetup {
    explainers = List.copyOf(explainers);
    scorers = List.copyOf(scorers);
    features = features.map(List::copyOf);
    if (most < 1 || threads < 1) {
      throw new IllegalArgumentException(
          "expected at least one feature and one thread, got %d and %d".formatted(most, threads));
    }
  }
}
