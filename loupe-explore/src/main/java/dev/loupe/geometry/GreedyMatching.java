package dev.loupe.geometry;

import dev.loupe.analyze.NearestDirections;
import dev.loupe.tensor.Indexing;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Two sets of directions matched one to one, greedily: always the pair of highest cosine among
 * those still free. Exact, though only the nearest few of each row are known at a time: a round
 * ends as soon as a pair may be missing from the lists, and the next lists what is left.
 *
 * @param columns for each row its column, or −1 // [rows]
 * @param cosines of each pair; NaN where there is none // [rows]
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier of columns; never compared
record GreedyMatching(int[] columns, float[] cosines) {
  private static final int LISTED = 32;

  /**
   * @param rows unit vectors, [n, D], borrowed
   * @param columns unit vectors, [m, D], borrowed
   */
  static GreedyMatching of(Tensor rows, Tensor columns) {
    int[] freeRows = IntStream.range(0, Math.toIntExact(rows.size(0))).toArray();
    int[] freeColumns = IntStream.range(0, Math.toIntExact(columns.size(0))).toArray();
    GreedyMatching matching =
        new GreedyMatching(new int[freeRows.length], new float[freeRows.length]);
    Arrays.fill(matching.columns, -1);
    Arrays.fill(matching.cosines, Float.NaN);
    while (freeRows.length > 0 && freeColumns.length > 0) {
      NearestDirections nearest = nearest(rows, freeRows, columns, freeColumns);
      boolean[] taken = matching.round(nearest, freeRows, freeColumns);
      int[] of = freeColumns;
      freeRows = Arrays.stream(freeRows).filter(row -> matching.columns[row] < 0).toArray();
      freeColumns = IntStream.range(0, of.length).filter(i -> !taken[i]).map(i -> of[i]).toArray();
    }
    return matching;
  }

  private static NearestDirections nearest(
      Tensor rows, int[] freeRows, Tensor columns, int[] freeColumns) {
    try (TensorScope _ = TensorScope.open()) {
      return NearestDirections.of(some(rows, freeRows), some(columns, freeColumns), LISTED, false);
    }
  }

  private static Tensor some(Tensor vectors, int[] numbers) {
    return numbers.length == vectors.size(0)
        ? vectors
        : Indexing.rows(vectors, Tensors.of(numbers, numbers.length));
  }

  /** Matches what the lists decide; gives which of the free columns are taken. */
  private boolean[] round(NearestDirections nearest, int[] freeRows, int[] freeColumns) {
    boolean[] taken = new boolean[freeColumns.length];
    boolean complete = nearest.each() == freeColumns.length;
    for (long key : descending(nearest)) {
      int pair = (int) key;
      int row = pair / nearest.each();
      int rank = pair % nearest.each();
      int column = nearest.neighbour(row, rank);
      if (columns[freeRows[row]] < 0) {
        if (!taken[column]) {
          taken[column] = true;
          columns[freeRows[row]] = freeColumns[column];
          cosines[freeRows[row]] = nearest.cosine(row, rank);
        } else if (rank == nearest.each() - 1 && !complete) {
          return taken; // its next best, which is not listed, may come before what follows
        }
      }
    }
    return taken;
  }

  /** Listed pairs by cosine, highest first; of equals the first. */
  private static long[] descending(NearestDirections nearest) {
    long[] keys = new long[nearest.rows() * nearest.each()];
    for (int pair = 0; pair < keys.length; pair++) {
      int bits = Float.floatToIntBits(nearest.cosine(pair / nearest.each(), pair % nearest.each()));
      int ascending = bits < 0 ? ~bits ^ 0x80000000 : bits; // as an int in the order of floats
      keys[pair] = (long) ~ascending << 32 | pair;
    }
    Arrays.sort(keys);
    return keys;
  }

  /** Cosines of the pairs. */
  float[] pairs() {
    float[] found = new float[cosines.length];
    int n = 0;
    for (int row = 0; row < cosines.length; row++) {
      if (columns[row] >= 0) {
        found[n++] = cosines[row];
      }
    }
    return Arrays.copyOf(found, n);
  }
}
