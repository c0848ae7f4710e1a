package dev.loupe.kernel;

import java.lang.foreign.MemorySegment;
import org.slf4j.LoggerFactory;

/**
 * Operations on rows. Sums have one fixed order whatever the machine: element i of a row is added
 * to logical lane i mod 32 by a fused multiply-add, and the lanes are added in a fixed tree.
 */
public interface Kernels {
  /** The fastest that this process can run. */
  Kernels BEST = best();

  private static Kernels best() {
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
      return new VectorKernels();
    }
    LoggerFactory.getLogger(Kernels.class)
        .info("without --add-modules jdk.incubator.vector: plain loops, several times slower");
    return new ScalarKernels();
  }

  /** Bits of the vectors that are computed with; 0 for plain loops. */
  int vectorBits();

  /** Σ a[i] · b[i] over n floats from the places given. */
  float dot(MemorySegment a, long aAt, MemorySegment b, long bAt, int n);

  /**
   * Dot products of one row with rows of a table: out[i] = row · table[rows[i]], i from {@code
   * from} to {@code to}.
   *
   * @param row n floats from {@code at}
   * @param table F32 [.., n]
   * @param out written from {@code from} to {@code to}
   */
  void dots(
      MemorySegment row,
      long at,
      MemorySegment table,
      int[] rows,
      int from,
      int to,
      int n,
      float[] out);

  /**
   * Adds scaled rows of a table to a row: out += Σ scales[i] · table[rows[i]], i from {@code from}
   * to {@code to}, in that order, each by a fused multiply-add.
   *
   * @param out n floats from {@code at}
   * @param table F32 [.., n]
   */
  void addRows(
      MemorySegment out,
      long at,
      MemorySegment table,
      int[] rows,
      float[] scales,
      int from,
      int to,
      int n);

  /**
   * One update of Adam of n weights from the place given; the moments are at the same place.
   *
   * @param gradient n floats from {@code gradientAt}, before clipping
   */
  void adam(
      MemorySegment weights,
      MemorySegment first,
      MemorySegment second,
      long at,
      MemorySegment gradient,
      long gradientAt,
      int n,
      AdamFactors factors);

  /**
   * Rounds n floats to bfloat16, to nearest and even.
   *
   * @param in floats, from {@code at}
   * @param out 16-bit elements, from the same place
   */
  void toBfloat16(MemorySegment in, MemorySegment out, long at, int n);

  /** Σ in[i]⁴ over n floats from the place given, summed as {@link #dot}. */
  float sumOfFourthPowers(MemorySegment in, long at, int n);

  /** Raises n floats to those of another row where these are larger: out = max(out, in). */
  void maxInPlace(MemorySegment out, long outAt, MemorySegment in, long inAt, int n);

  /**
   * Appends to {@code out} the features of a row of products that may matter: those whose score,
   * {@code product · norm + offset}, plus its possible error exceeds the threshold of {@code out}.
   * Stops when {@code out} is full.
   *
   * @param products of one token with features {@code first}, {@code first + 1}, ..; feature f is
   *     at {@code at + f − first}
   * @param first feature to begin at
   * @param end feature to stop before
   * @return the feature to go on with, {@code end} when all were seen
   */
  int screen(MemorySegment products, long at, int first, int end, Bounds bounds, Candidates out);

  /**
   * A bound that the k best scores of a row of products reach, even if each is off by its error:
   * the k-th largest of the best of groups of features. Minus infinity where there are not k.
   *
   * @param products as {@link #screen} takes them
   */
  float reached(MemorySegment products, long at, int first, int end, Bounds bounds, int k);

  /** The k-th largest of the first {@code count} values, none of them NaN, 1 ≤ k ≤ count. */
  float largest(float[] values, int count, int k);
}
