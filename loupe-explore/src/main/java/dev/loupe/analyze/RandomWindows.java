package dev.loupe.analyze;

import dev.loupe.store.WindowRow;
import dev.loupe.tensor.SeededRandom;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Windows drawn from all windows of the corpus, whatever fires in them. Each feature draws its own
 * from a common stock of {@link #STOCK}, which a hash of the window decides. Immutable.
 */
final class RandomWindows {
  static final int STOCK = 4_096;

  private final Pool.Entry[] stock;
  private final SeededRandom random;

  RandomWindows(AnalysedTokens corpus, long seed) {
    this.random = new SeededRandom(seed, "random windows");
    Pool pool = new Pool(STOCK);
    for (int context = 0; context < corpus.contexts().size(); context++) {
      for (int from = 0; from < corpus.contexts().length(context); from += WindowRow.TOKENS) {
        int position = Math.max(1, from);
        if (position < corpus.contexts().length(context)) {
          long key = Pool.byHash(corpus.windowKey(context, position));
          pool.offer(key, Place.of(context, position), 0);
        }
      }
    }
    stock = pool.sorted();
  }

  /** As many as there are, for a feature; the place is the first position of the window. */
  List<NearDuplicates.Kept> choose(long featureKey, int count) {
    Set<Integer> drawn = new LinkedHashSet<>();
    for (int i = 0; drawn.size() < Math.min(count, stock.length); i++) {
      drawn.add(random.below(featureKey + i, stock.length));
    }
    return drawn.stream().map(i -> new NearDuplicates.Kept(stock[i].place(), 0, 0)).toList();
  }
}
