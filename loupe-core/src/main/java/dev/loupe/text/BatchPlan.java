package dev.loupe.text;

import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/**
 * Which contexts stand together in a batch. Contexts are taken in windows of {@link #WINDOW}
 * batches' worth of ids; in a window they are sorted by length, so that little is padding, cut into
 * batches, and the batches are shuffled.
 */
final class BatchPlan {
  private static final int WINDOW = 64;

  private final int[] members; // [contexts]
  private final int[] starts; // [batches + 1]
  private final int batches;

  private BatchPlan(int[] members, int[] starts, int batches) {
    this.members = members;
    this.starts = starts;
    this.batches = batches;
  }

  /** Plans batches of contexts 0 to {@code contexts} - 1; {@code lengths} includes the begin id. */
  static BatchPlan of(int contexts, IntUnaryOperator lengths, int batchTokens, long seed) {
    BatchPlan plan = new BatchPlan(new int[contexts], new int[contexts + 1], 0);
    int planned = 0;
    int from = 0;
    while (from < contexts) {
      int to = windowEnd(from, contexts, lengths, (long) WINDOW * batchTokens);
      planned = plan.addWindow(from, to, planned, lengths, batchTokens, seed);
      from = to;
    }
    return new BatchPlan(plan.members, Arrays.copyOf(plan.starts, planned + 1), planned);
  }

  int size() {
    return batches;
  }

  /** The contexts of a batch, longest first. */
  int[] contexts(int batch) {
    return Arrays.copyOfRange(members, starts[batch], starts[batch + 1]);
  }

  private static int windowEnd(int from, int contexts, IntUnaryOperator lengths, long ids) {
    long left = ids;
    int to = from;
    while (to < contexts && left > 0) {
      left -= lengths.applyAsInt(to++);
    }
    return to;
  }

  private int addWindow(
      int from, int to, int planned, IntUnaryOperator lengths, int batchTokens, long seed) {
    int[] sorted =
        HashOrder.sorted(to - from, i -> Integer.MAX_VALUE - lengths.applyAsInt(from + i));
    int[] cuts = new int[sorted.length + 1];
    int count = 0;
    for (int i = 0; i < sorted.length; count++) {
      long longest = lengths.applyAsInt(from + sorted[i]);
      i += Math.clamp(batchTokens / longest, 1, sorted.length - i);
      cuts[count + 1] = i;
    }
    int at = from;
    for (int cut : HashOrder.sorted(count, i -> HashOrder.key(seed, 'b', from, i))) {
      for (int i = cuts[cut]; i < cuts[cut + 1]; i++) {
        members[at++] = from + sorted[i];
      }
      starts[++planned] = at;
    }
    return planned;
  }
}
