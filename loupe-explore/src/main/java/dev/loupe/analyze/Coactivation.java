package dev.loupe.analyze;

import dev.loupe.kernel.Range;
import dev.loupe.store.NeighboursRow;
import dev.loupe.tensor.Team;
import java.util.List;

/**
 * On how many tokens each of a range of features fires together with each feature of the
 * dictionary: some rows of the whole matrix of counts, [F, F], from all tokens. Read by several
 * threads once counted.
 */
final class Coactivation {
  private static final int COUNTS = 1 << 26; // of a range: 256 MB

  private static final int ROWS = 512; // that one thread counts

  private final Range features;
  private final int all; // F
  private final int[] counts; // [range, F]

  private Coactivation(Range features, int all) {
    this.features = features;
    this.all = all;
    this.counts = new int[Math.multiplyExact(features.size(), all)];
  }

  /** The most features of a range, so that its counts stay small. */
  static int mostFeatures(int all) {
    return Math.max(1, COUNTS / all);
  }

  /** Counts over all tokens, piece by piece: what a piece has of a row's tokens is in the cache. */
  static Coactivation count(StoredCodes codes, Range features) {
    Coactivation found = new Coactivation(features, codes.firings().length);
    List<Range> rows = Range.split(features.size(), ROWS);
    for (int piece = 0; piece < codes.pieces(); piece++) {
      StoredCodes.Piece of = codes.piece(piece);
      StoredCodes.ByToken byToken = of.byToken();
      Team.forEach(rows, range -> found.add(of, byToken, range));
    }
    return found;
  }

  private void add(StoredCodes.Piece piece, StoredCodes.ByToken byToken, Range rows) {
    int[] starts = byToken.starts();
    int[] active = byToken.features();
    for (int f = rows.from(); f < rows.to(); f++) {
      int row = f * all;
      int to = piece.starts()[features.from() + f + 1];
      for (int i = piece.starts()[features.from() + f]; i < to; i++) {
        int token = piece.tokens()[i];
        int end = starts[token + 1];
        for (int j = starts[token]; j < end; j++) {
          counts[row + active[j]]++;
        }
      }
    }
  }

  /**
   * The features of highest phi with a feature, of those with one above 0; of equals the lower
   * number.
   *
   * <pre>phi = (n n₁₁ − n₁ n₂) / √(n₁ (n − n₁) n₂ (n − n₂)),   lift = n n₁₁ / (n₁ n₂)</pre>
   *
   * @param feature one of the range
   * @param firings of every feature // [F]
   * @param tokens n
   */
  NeighboursRow strongest(int feature, long[] firings, long tokens, int most, String dictionary) {
    int row = (feature - features.from()) * all;
    Pool pool = new Pool(most);
    float least = 0; // what the last of enough has
    for (int g = 0; g < all; g++) {
      if (g != feature && counts[row + g] > 0) {
        float phi =
            phi(counts[row + g], (double) firings[feature], (double) firings[g], (double) tokens);
        if (phi > least) { // of equals the lower number, which came first, stays
          pool.offer(Pool.largestFirst(phi, (long) g << 32), g, phi);
          least = pool.isFull() ? pool.last() : 0;
        }
      }
    }
    Pool.Entry[] found = pool.sorted();
    int[] features = new int[found.length];
    float[] phis = new float[found.length];
    float[] lifts = new float[found.length];
    int[] both = new int[found.length];
    for (int i = 0; i < found.length; i++) {
      int g = (int) found[i].place();
      features[i] = g;
      both[i] = counts[row + g];
      phis[i] = found[i].value();
      lifts[i] = (float) ((double) both[i] * tokens / firings[feature] / firings[g]);
    }
    return NeighboursRow.coactivation(feature, dictionary, features, phis, lifts, both);
  }

  private static float phi(double n11, double n1, double n2, double n) {
    double spread = Math.sqrt(n1 * (n - n1)) * Math.sqrt(n2 * (n - n2));
    return (float) (spread > 0 ? (n * n11 - n1 * n2) / spread : 0);
  }
}
