package dev.loupe.search;

import dev.loupe.dictionary.FeatureName;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** The best of many hits: by score, then in the order of the features' names. */
final class BestHits {
  private static final Comparator<Hit> WEAKEST_FIRST =
      Comparator.comparingDouble(Hit::score)
          .thenComparing(Hit::feature, Comparator.comparing(FeatureName::dictionary).reversed())
          .thenComparingInt(hit -> -hit.feature().feature());

  private final int limit;
  private final PriorityQueue<Hit> best = new PriorityQueue<>(WEAKEST_FIRST);

  BestHits(int limit) {
    this.limit = limit;
  }

  /** Whether a hit of that score may be among the best. */
  boolean wants(double score) {
    return best.size() < limit || score >= best.element().score();
  }

  void add(Hit hit) {
    best.add(hit);
    if (best.size() > limit) {
      best.remove();
    }
  }

  /** Best first. */
  List<Hit> sorted() {
    return best.stream().sorted(WEAKEST_FIRST.reversed()).toList();
  }
}
