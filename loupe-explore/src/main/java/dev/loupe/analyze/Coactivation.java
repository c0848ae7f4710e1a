package dev.loupe.analyze;

import dev.loupe.kernel.CodeRows;
import dev.loupe.kernel.Range;
import dev.loupe.store.NeighboursRow;

/**
 * How often each of a range of features fires on the same token as each feature of the dictionary:
 * a tile of the whole matrix of counts, [range, F], from all tokens. One thread.
 */
final class Coactivation {
  private static final int COUNTS = 1 << 26; // of a tile: 256 MB

  private final Range features;
  private final int all; // F
  private final int[] counts; // [range, F]

  Coactivation(Range features, int all) {
    this.features = features;
    this.all = all;
    this.counts = new int[Math.multiplyExact(features.size(), all)];
  }

  /** The most features of a range, so that its counts stay small. */
  static int mostFeatures(int all) {
    return Math.max(1, COUNTS / all);
  }

  void add(CodeRows codes) {
    int[] active = codes.features();
    for (int t = 0; t < codes.tokens(); t++) {
      int from = codes.starts()[t];
      int to = codes.starts()[t + 1];
      for (int i = FeatureCounts.first(codes, t, features.from()); i < to; i++) {
        int f = active[i] - features.from();
        if (f >= features.size()) {
          break;
        }
        int row = f * all;
        for (int j = from; j < to; j++) {
          counts[row + active[j]]++;
        }
      }
    }
  }

  /**
   * The features of highest phi with feature {@code f} of the range, of those with one above 0; of
   * equals the lower number.
   *
   * <pre>phi = (n n₁₁ − n₁ n₂) / √(n₁ (n − n₁) n₂ (n − n₂)),   lift = n n₁₁ / (n₁ n₂)</pre>
   *
   * @param firings of every feature of the dictionary, [F]
   * @param tokens n
   */
  NeighboursRow strongest(int f, long[] firings, long tokens, int most, String dictionary) {
    int feature = features.from() + f;
    Pools pool = new Pools(1, most);
    for (int g = 0; g < all; g++) {
      if (g != feature && counts[f * all + g] > 0) {
        float phi = phi(f, g, firings[feature], firings[g], tokens);
        if (phi > 0) {
          pool.offer(0, Pools.largestFirst(phi, (long) g << 32), g, phi);
        }
      }
    }
    Pools.Entry[] found = pool.sorted(0);
    int[] together = new int[found.length];
    float[] phis = new float[found.length];
    float[] lifts = new float[found.length];
    int[] both = new int[found.length];
    for (int i = 0; i < found.length; i++) {
      together[i] = (int) found[i].place();
      both[i] = counts[f * all + together[i]];
      phis[i] = found[i].value();
      lifts[i] = (float) ((double) both[i] * tokens / firings[feature] / firings[together[i]]);
    }
    return NeighboursRow.coactivation(feature, dictionary, together, phis, lifts, both);
  }

  private float phi(int f, int g, double n1, double n2, double n) {
    double spread = Math.sqrt(n1 * (n - n1)) * Math.sqrt(n2 * (n - n2));
    return (float) (spread > 0 ? (n * counts[f * all + g] - n1 * n2) / spread : 0);
  }
}
