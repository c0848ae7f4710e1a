package dev.loupe.analyze;

import dev.loupe.store.WindowRow;
import dev.loupe.tensor.SeededRandom;
import java.util.Arrays;
import java.util.List;

/**
 * Windows drawn from all windows of the corpus, whatever fires in them. Each feature draws its own
 * from a common stock of {@link #STOCK}, which a hash of the window decides. Immutable.
 */
final class RandomWindows {
  static final int STOCK = 4_096;

  private final Pools.Entry[] stock;
  private final SeededRandom random;

  RandomWindows(AnalysedTokens corpus, long seed) {
    this.random = new SeededRandom(seed, "random windows");
    Pools pool = new Pools(1, STOCK);
    for (int context = 0; context < corpus.contexts().size(); context++) {
      for (int from = 0; from < corpus.contexts().length(context); from += WindowRow.TOKENS) {
        int position = Math.max(1, from);
        if (position < corpus.contexts().length(context)) {
          long key = Pools.byHash(corpus.windowKey(context, position));
          pool.offer(0, key, Place.of(context, position), 0);
        }
      }
    }
    stock = pool.sorted(0);
  }

  /** As many as there are, for a feature; the place is the first position of the window. */
  List<NearDuplicates.Kept> choose(long featureKey, int count) {
    Pools pool = new Pools(1, count);
    for (Pools.Entry window : stock) {
      pool.offer(0, Pools.byHash(random.bits(window.key() ^ featureKey)), window.place(), 0);
    }
    return Arrays.stream(pool.sorted(0))
        .map(entry -> new NearDuplicates.Kept(entry.place(), 0, 0))
        .toList();
  }
}
