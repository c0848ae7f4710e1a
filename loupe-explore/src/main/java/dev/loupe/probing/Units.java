package dev.loupe.probing;

import dev.loupe.text.SpecialTokens;
import dev.loupe.text.TokenBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a pass of the language model makes rows of: each unit is some tokens of one context, of
 * which the mean is taken.
 *
 * @param contexts ids, the begin id first // [contexts][positions]
 * @param unitOf for each id its unit, or -1 // [contexts][positions]
 * @param count of the units, each of which has at least one counted token
 */
@SuppressWarnings("ArrayRecordComponent") // a plain carrier; never compared
record Units(int[][] contexts, int[][] unitOf, int count) {
  Units {
    for (int i = 0; i < contexts.length; i++) {
      if (contexts[i].length != unitOf[i].length) {
        throw new IllegalArgumentException(
            "expected a unit for each of %d ids of context %d, got %d"
                .formatted(contexts[i].length, i, unitOf[i].length));
      }
    }
  }

  /**
   * Contexts side by side.
   *
   * @param tokens whose contexts are numbered from 0 in this batch
   * @param contexts which these are
   */
  @SuppressWarnings("ArrayRecordComponent") // a plain carrier; never compared
  record Batch(TokenBatch tokens, int[] contexts) {}

  /** All contexts in batches of like length, of so many ids with their padding. */
  List<Batch> batches(int ids, SpecialTokens special) {
    int[] order =
        IntStream.range(0, contexts.length)
            .boxed()
            .sorted(Comparator.comparingInt(context -> -contexts[context].length))
            .mapToInt(Integer::intValue)
            .toArray();
    List<Batch> batches = new ArrayList<>();
    int from = 0;
    while (from < order.length) {
      int count = Math.clamp(ids / contexts[order[from]].length, 1, order.length - from);
      int[] some = Arrays.copyOfRange(order, from, from + count);
      int[][] rows = Arrays.stream(some).mapToObj(i -> contexts[i]).toArray(int[][]::new);
      batches.add(new Batch(TokenBatch.of(rows, special), some));
      from += count;
    }
    return batches;
  }

  /** The unit of each counted token of a batch, in its order; -1 for one of none. */
  int[] of(Batch batch, int[] contextOf, int[] positions) {
    return IntStream.range(0, contextOf.length)
        .map(t -> unitOf[batch.contexts[contextOf[t]]][positions[t]])
        .toArray();
  }
}
