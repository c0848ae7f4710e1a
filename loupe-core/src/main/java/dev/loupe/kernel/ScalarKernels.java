package dev.loupe.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Plain loops: the truth that {@link VectorKernels} is held to, bit for bit. */
public final class ScalarKernels implements Kernels {
  private static final int LANES = 32;

  /** Groups of features that {@link #reached} looks at, for each of the k best. */
  private static final int GROUPS = 3;

  @Override
  public int vectorBits() {
    return 0;
  }

  @Override
  public float dot(MemorySegment a, long aAt, MemorySegment b, long bAt, int n) {
    float[] lanes = new float[LANES];
    for (int i = 0; i < n; i++) {
      int lane = lane(i, n);
      lanes[lane] = Math.fma(at(a, aAt + i), at(b, bAt + i), lanes[lane]);
    }
    return treeSum(lanes);
  }

  /** Whole groups of 16 go to the two halves in turn; what is left over goes to the first. */
  private static int lane(int i, int n) {
    return i < n - n % 16 ? i % LANES : i % 16;
  }

  private static float treeSum(float[] lanes) {
    for (int half = LANES / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; i++) {
        lanes[i] += lanes[i + half];
      }
    }
    return lanes[0];
  }

  @Override
  public void dots(
      MemorySegment row,
      long at,
      MemorySegment table,
      int[] rows,
      int from,
      int to,
      int n,
      float[] out) {
    for (int i = from; i < to; i++) {
      out[i] = dot(row, at, table, (long) rows[i] * n, n);
    }
  }

  @Override
  public void addRows(
      MemorySegment out,
      long at,
      MemorySegment table,
      int[] rows,
      float[] scales,
      int from,
      int to,
      int n) {
    for (int i = from; i < to; i++) {
      long start = (long) rows[i] * n;
      for (int d = 0; d < n; d++) {
        set(out, at + d, Math.fma(at(table, start + d), scales[i], at(out, at + d)));
      }
    }
  }

  @Override
  public void adam(
      MemorySegment weights,
      MemorySegment first,
      MemorySegment second,
      long at,
      MemorySegment gradient,
      long gradientAt,
      int n,
      AdamFactors f) {
    for (int i = 0; i < n; i++) {
      float g = at(gradient, gradientAt + i);
      float m = Math.fma(g, f.gradient1(), at(first, at + i) * f.beta1());
      float v = Math.fma(g * g, f.gradient2(), at(second, at + i) * f.beta2());
      float root = Math.fma((float) Math.sqrt(v), f.root(), f.epsilon());
      set(first, at + i, m);
      set(second, at + i, v);
      set(weights, at + i, at(weights, at + i) - m * f.rate() / root);
    }
  }

  @Override
  public void toBfloat16(MemorySegment in, MemorySegment out, long at, int n) {
    for (long i = at; i < at + n; i++) {
      int bits = Float.floatToRawIntBits(at(in, i));
      out.setAtIndex(JAVA_SHORT, i, (short) ((bits + 0x7fff + (bits >>> 16 & 1)) >>> 16));
    }
  }

  @Override
  public float sumOfFourthPowers(MemorySegment in, long at, int n) {
    float[] lanes = new float[LANES];
    for (int i = 0; i < n; i++) {
      float square = at(in, at + i) * at(in, at + i);
      int lane = lane(i, n);
      lanes[lane] = Math.fma(square, square, lanes[lane]);
    }
    return treeSum(lanes);
  }

  @Override
  public void maxInPlace(MemorySegment out, long outAt, MemorySegment in, long inAt, int n) {
    for (int i = 0; i < n; i++) {
      set(out, outAt + i, Math.max(at(out, outAt + i), at(in, inAt + i)));
    }
  }

  @Override
  public int screen(
      MemorySegment products, long at, int first, int end, Bounds bounds, Candidates out) {
    for (int f = first; f < end; f++) {
      if (out.isFull()) {
        return f;
      }
      consider(product(products, at + f - first, bounds.bfloat16()), f, bounds, out);
    }
    return end;
  }

  @Override
  public float reached(MemorySegment products, long at, int first, int end, Bounds bounds, int k) {
    int n = (end - first) / 16 * 16;
    if (n < k) {
      return Float.NEGATIVE_INFINITY;
    }
    float[] maxima = noMaxima(n, k);
    int perGroup = perGroup(n, k);
    for (int i = 0; i < n; i++) {
      int f = first + i;
      float product = product(products, at + i, bounds.bfloat16());
      float lower = Math.fma(Math.abs(product), -bounds.relative(), product);
      float other = Math.fma(-bounds.token(), bounds.margins()[f], bounds.offsets()[f]);
      int group = group(i, perGroup);
      maxima[group] = Math.max(maxima[group], Math.fma(lower, bounds.norms()[f], other));
    }
    return largest(maxima, maxima.length, k);
  }

  /** A number below every score, for each group of a row of n products that k are wanted of. */
  static float[] noMaxima(int n, int k) {
    float[] maxima = new float[((n / 16 - 1) / perGroup(n, k) + 1) * 16];
    Arrays.fill(maxima, Float.NEGATIVE_INFINITY);
    return maxima;
  }

  /** The group that feature i of a row of n belongs to, by its lane of 16. */
  static int group(int i, int perGroup) {
    return i / 16 / perGroup * 16 + i % 16;
  }

  /** Features of a group. */
  static int perGroup(int n, int k) {
    return Math.max(1, n / Math.max(16, GROUPS * k));
  }

  static float product(MemorySegment products, long at, boolean bfloat16) {
    return bfloat16
        ? Float.intBitsToFloat(products.getAtIndex(JAVA_SHORT, at) << 16)
        : at(products, at);
  }

  /** Adds a feature where its score plus what it may be off exceeds the threshold. */
  static void consider(float product, int f, Bounds bounds, Candidates out) {
    float upper = Math.fma(Math.abs(product), bounds.relative(), product);
    float other = Math.fma(bounds.token(), bounds.margins()[f], bounds.offsets()[f]);
    if (Math.fma(upper, bounds.norms()[f], other) > out.threshold()) {
      out.add(f, Math.fma(product, bounds.norms()[f], bounds.offsets()[f]));
    }
  }

  @Override
  public float largest(float[] values, int count, int k) {
    float[] sorted = Arrays.copyOf(values, count);
    Arrays.sort(sorted);
    return sorted[count - k];
  }

  static float at(MemorySegment segment, long place) {
    return segment.getAtIndex(JAVA_FLOAT, place);
  }

  private static void set(MemorySegment segment, long place, float value) {
    segment.setAtIndex(JAVA_FLOAT, place, value);
  }
}
