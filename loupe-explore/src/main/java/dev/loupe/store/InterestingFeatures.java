package dev.loupe.store;

import dev.loupe.tensor.SeededRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Chooses features that reward a look: a token share below 0.5 (more than the name of a token), at
 * least 50 firings, in at least 10 contexts.
 *
 * <p>They are spread over firing rates: candidates are sorted by firings and cut into as many equal
 * groups as features are wanted, of which each gives one. The seed draws it from the half of its
 * group with the clearest peaks: the tenth strongest sample's peak (one outlier says nothing) over
 * the mean activation, so that strong places stand out from usual ones; times 1 + the share of
 * different tokens among those ten peaks, since a reader learns more from varied ones. Follows from
 * the store and the seed alone.
 */
final class InterestingFeatures {
  static final int PEAKS = 10;

  private InterestingFeatures() {}

  /**
   * A feature that may be chosen.
   *
   * @param clearness see above
   */
  record Candidate(int feature, double clearness) {}

  /**
   * Chooses among candidates.
   *
   * @param candidates by firings
   * @return from rare to frequent
   */
  static List<Integer> choose(List<Candidate> candidates, int count, long seed) {
    int groups = Math.min(count, candidates.size());
    SeededRandom random = new SeededRandom(seed, "interesting features");
    List<Integer> chosen = new ArrayList<>();
    for (int group = 0; group < groups; group++) {
      int from = (int) ((long) candidates.size() * group / groups);
      int to = (int) ((long) candidates.size() * (group + 1) / groups);
      List<Candidate> clearer =
          candidates.subList(from, to).stream()
              .sorted(Comparator.comparingDouble((Candidate c) -> -c.clearness()))
              .limit((to - from + 1) / 2)
              .toList();
      chosen.add(clearer.get(random.below(group, clearer.size())).feature());
    }
    return List.copyOf(chosen);
  }
}
