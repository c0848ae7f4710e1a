package dev.loupe.analyze;

import dev.loupe.tensor.SeededRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Chooses features that reward a look: {@link FeatureScan#interesting} says which and why. Follows
 * from the scan and the seed alone.
 */
final class FeatureChoice {
  private static final double TOKEN_SHARE_BELOW = 0.5;
  private static final int LEAST_FIRINGS = 50;
  private static final int LEAST_DOCUMENTS = 10;
  private static final int PEAKS = 10;

  private final ScannedTokens tokens;
  private final Firings firings;
  private final Peaks peaks;

  FeatureChoice(ScannedTokens tokens, Firings firings) {
    this.tokens = tokens;
    this.firings = firings;
    this.peaks = new Peaks(tokens, firings);
  }

  List<Integer> choose(List<FeatureSummary> features, int count, long seed) {
    List<Integer> candidates =
        features.stream()
            .filter(FeatureChoice::isCandidate)
            .sorted(
                Comparator.comparingInt(FeatureSummary::firings)
                    .thenComparingInt(FeatureSummary::feature))
            .map(FeatureSummary::feature)
            .toList();
    int groups = Math.min(count, candidates.size());
    SeededRandom random = new SeededRandom(seed, "interesting features");
    List<Integer> chosen = new ArrayList<>();
    for (int group = 0; group < groups; group++) {
      int from = (int) ((long) candidates.size() * group / groups);
      int to = (int) ((long) candidates.size() * (group + 1) / groups);
      List<Integer> clearer = clearerHalf(candidates.subList(from, to));
      chosen.add(clearer.get(random.below(group, clearer.size())));
    }
    return List.copyOf(chosen);
  }

  private static boolean isCandidate(FeatureSummary summary) {
    return summary.tokenShare() < TOKEN_SHARE_BELOW // false for NaN
        && summary.firings() >= LEAST_FIRINGS
        && summary.documents() >= LEAST_DOCUMENTS;
  }

  private List<Integer> clearerHalf(List<Integer> features) {
    return features.stream()
        .map(feature -> new Ranked(feature, clearness(feature)))
        .sorted(Comparator.comparingDouble((Ranked ranked) -> -ranked.clearness()))
        .limit((features.size() + 1) / 2)
        .map(Ranked::feature)
        .toList();
  }

  /**
   * Tenth strongest peak over the mean of all firings, times 1 + share of different tokens among
   * the ten peaks.
   */
  private double clearness(int feature) {
    double sum = 0;
    for (int i = firings.start(feature); i < firings.end(feature); i++) {
      sum += firings.value(i);
    }
    List<Integer> strongest = peaks.strongest(feature, PEAKS);
    Set<Integer> ids = new HashSet<>();
    strongest.forEach(peak -> ids.add(tokens.ids()[firings.token(peak)]));
    double contrast = firings.value(strongest.getLast()) * firings.count(feature) / sum;
    return contrast * (1 + (double) ids.size() / PEAKS);
  }

  private record Ranked(int feature, double clearness) {}
}
