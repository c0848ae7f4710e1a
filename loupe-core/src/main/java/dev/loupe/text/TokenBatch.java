package dev.loupe.text;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Contexts side by side, as a model reads them. Position 0 of each, begin and end ids, and what
 * lies beyond a context's length do not count (padding is known by length, never by id).
 *
 * @param documents number of contexts
 * @param positions length of the longest
 * @param ids row-major; padding is the first end id, or 0 // [documents, positions]
 * @param lengths ids of each context, begin id included // [documents]
 * @param contexts index of each context in its {@link TokenCorpus} // [documents]
 * @param counted which positions count // [documents, positions]
 * @param countedTokens how many do
 */
@SuppressWarnings("ArrayRecordComponent") // a plain carrier of columns; never compared
public record TokenBatch(
    int documents,
    int positions,
    int[] ids,
    int[] lengths,
    int[] contexts,
    boolean[] counted,
    int countedTokens) {

  /** A batch of these rows as they are: each should start with the begin id. */
  public static TokenBatch of(int[][] rows, SpecialTokens special) {
    return of(rows, IntStream.range(0, rows.length).toArray(), special);
  }

  /** Some of its contexts, in the order given and with the numbers that they have. */
  public TokenBatch rows(int... rows) {
    int longest = Arrays.stream(rows).map(row -> lengths[row]).max().orElse(0);
    int[] newIds = new int[rows.length * longest];
    boolean[] newCounted = new boolean[newIds.length];
    int total = 0;
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(ids, rows[i] * positions, newIds, i * longest, longest);
      System.arraycopy(counted, rows[i] * positions, newCounted, i * longest, longest);
      for (int p = 0; p < longest; p++) {
        total += newCounted[i * longest + p] ? 1 : 0;
      }
    }
    return new TokenBatch(
        rows.length,
        longest,
        newIds,
        Arrays.stream(rows).map(row -> lengths[row]).toArray(),
        Arrays.stream(rows).map(row -> contexts[row]).toArray(),
        newCounted,
        total);
  }

  static TokenBatch of(int[][] rows, int[] contexts, SpecialTokens special) {
    int documents = rows.length;
    int positions = Arrays.stream(rows).mapToInt(row -> row.length).max().orElse(0);
    int[] ids = new int[Math.multiplyExact(documents, positions)];
    Arrays.fill(ids, special.end().isEmpty() ? 0 : special.end().getFirst());
    boolean[] counted = new boolean[ids.length];
    int countedTokens = 0;
    for (int d = 0; d < documents; d++) {
      int offset = d * positions;
      System.arraycopy(rows[d], 0, ids, offset, rows[d].length);
      for (int p = 1; p < rows[d].length; p++) {
        if (!special.contains(rows[d][p])) {
          counted[offset + p] = true;
          countedTokens++;
        }
      }
    }
    int[] lengths = Arrays.stream(rows).mapToInt(row -> row.length).toArray();
    return new TokenBatch(documents, positions, ids, lengths, contexts, counted, countedTokens);
  }
}
