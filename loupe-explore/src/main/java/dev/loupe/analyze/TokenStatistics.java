package dev.loupe.analyze;

import com.carrotsearch.hppc.LongIntHashMap;
import dev.loupe.kernel.CodeRows;
import dev.loupe.kernel.Range;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * On which token ids a range of features fires, and how far the id explains it: first pass over the
 * codes. Memory follows the different pairs of feature and id. One thread.
 *
 * <p>The held-out share of a feature's variance that the token id explains: with the mean
 * activation p(id) of half A of the documents (silent tokens included; A's overall mean for ids
 * that A lacks) as the prediction on half B,
 *
 * <pre>share = 1 − Σ_B (x − p(id))² / Σ_B (x − mean_B)²</pre>
 */
final class TokenStatistics {
  private final Range features;
  private final AnalysedTokens corpus;
  private final LongIntHashMap entries = new LongIntHashMap(1 << 12);
  private long[] pairs = new long[1 << 12]; // feature << 32 | id, in the order in which they came
  private int[] firingsA = new int[1 << 12];
  private int[] firingsB = new int[1 << 12];
  private double[] sumsA = new double[1 << 12];
  private double[] sumsB = new double[1 << 12];
  private double[] squaresB = new double[1 << 12];
  private int size;
  private int[] order = {}; // entries by feature, after the pass
  private int[] starts = {}; // [features + 1]
  private long allUnseenB;

  TokenStatistics(Range features, AnalysedTokens corpus) {
    this.features = features;
    this.corpus = corpus;
  }

  void add(TokenColumns tokens, CodeRows codes) {
    for (int t = 0; t < tokens.size(); t++) {
      boolean b = corpus.isInHalfB(tokens.contexts()[t]);
      int end = codes.starts()[t + 1];
      for (int i = FeatureCounts.first(codes, t, features.from()); i < end; i++) {
        int f = codes.features()[i] - features.from();
        if (f >= features.size()) {
          break;
        }
        add(entry(f, tokens.ids()[t]), codes.values()[i], b);
      }
    }
  }

  private void add(int entry, float value, boolean b) {
    if (b) {
      firingsB[entry]++;
      sumsB[entry] += value;
      squaresB[entry] += (double) value * value;
    } else {
      firingsA[entry]++;
      sumsA[entry] += value;
    }
  }

  private int entry(int feature, int id) {
    long pair = (long) feature << 32 | id;
    int index = entries.indexOf(pair);
    if (entries.indexExists(index)) {
      return entries.indexGet(index);
    }
    if (size == pairs.length) {
      grow(size * 2);
    }
    pairs[size] = pair;
    entries.indexInsert(index, pair, size);
    return size++;
  }

  private void grow(int room) {
    pairs = Arrays.copyOf(pairs, room);
    firingsA = Arrays.copyOf(firingsA, room);
    firingsB = Arrays.copyOf(firingsB, room);
    sumsA = Arrays.copyOf(sumsA, room);
    sumsB = Arrays.copyOf(sumsB, room);
    squaresB = Arrays.copyOf(squaresB, room);
  }

  /** Ends the pass: sorts the pairs by feature. */
  void finish() {
    entries.release();
    allUnseenB = corpus.unseenB();
    starts = new int[features.size() + 1];
    for (int e = 0; e < size; e++) {
      starts[(int) (pairs[e] >>> 32) + 1]++;
    }
    for (int f = 0; f < features.size(); f++) {
      starts[f + 1] += starts[f];
    }
    int[] next = starts.clone();
    order = new int[size];
    for (int e = 0; e < size; e++) {
      order[next[(int) (pairs[e] >>> 32)]++] = e;
    }
  }

  /** The ids with the largest shares of a feature's activation; of equals the lower id. */
  Top top(int f, int count) {
    int[] best =
        IntStream.range(starts[f], starts[f + 1])
            .map(i -> order[i])
            .boxed()
            .sorted((x, y) -> {
              int bySum = Double.compare(sum(y), sum(x));
              return bySum != 0 ? bySum : Integer.compare(id(x), id(y));
            })
            .limit(count)
            .mapToInt(e -> e)
            .toArray();
    double total = 0;
    for (int i = starts[f]; i < starts[f + 1]; i++) {
      total += sum(order[i]);
    }
    Top top = new Top(new int[best.length], new int[best.length], new float[best.length]);
    for (int i = 0; i < best.length; i++) {
      top.ids[i] = id(best[i]);
      top.firings[i] = firingsA[best[i]] + firingsB[best[i]];
      top.shares[i] = (float) (sum(best[i]) / total);
    }
    return top;
  }

  /**
   * Token ids of a feature, largest share first.
   *
   * @param firings on each
   * @param shares of the sum of its activations
   */
  @SuppressWarnings("ArrayRecordComponent") // a plain carrier of columns; never compared
  record Top(int[] ids, int[] firings, float[] shares) {}

  private double sum(int entry) {
    return sumsA[entry] + sumsB[entry];
  }

  private int id(int entry) {
    return (int) pairs[entry];
  }

  /** NaN where a half has no tokens or the feature does not vary on half B. */
  double tokenShare(int f) {
    double sumA = 0;
    double sumB = 0;
    double squares = 0;
    for (int i = starts[f]; i < starts[f + 1]; i++) {
      sumA += sumsA[order[i]];
      sumB += sumsB[order[i]];
      squares += squaresB[order[i]];
    }
    double total = squares - sumB * sumB / corpus.tokensB();
    boolean varies = total > 1e-12 * squares;
    return corpus.tokensA() > 0 && varies
        ? 1 - residual(f, sumA / corpus.tokensA()) / total
        : Double.NaN;
  }

  /** Σ_B (x − p(id))², the silent tokens included. */
  private double residual(int f, double meanA) {
    double residual = 0;
    for (int i = starts[f]; i < starts[f + 1]; i++) {
      int e = order[i];
      int countA = corpus.countsA()[id(e)];
      int countB = corpus.countsB()[id(e)];
      double predicted = countA > 0 ? sumsA[e] / countA : meanA;
      residual += squaresB[e] + predicted * (countB * predicted - 2 * sumsB[e]);
    }
    return residual + unseenB(f) * meanA * meanA;
  }

  /** Tokens of B whose id A lacks and on which the feature never fires: A's mean is predicted. */
  private long unseenB(int f) {
    long unseen = allUnseenB;
    for (int i = starts[f]; i < starts[f + 1]; i++) {
      int id = id(order[i]);
      unseen -= corpus.countsA()[id] == 0 ? corpus.countsB()[id] : 0;
    }
    return unseen;
  }
}
