package dev.loupe.kernel;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The kernels on vectors of the machine's width, at most 512 bits. A row's 32 logical lanes are two
 * groups of 16; a narrower machine goes over the row once for each part of a group, so that every
 * width gives the same sums. Lanes are never added by {@code reduceLanes}, whose order is open.
 */
public final class VectorKernels implements Kernels {
  /** Lanes of the widest vectors. */
  static final int MOST_LANES = 16;

  /** Bits of a vector: for tests of other widths than the machine's own. */
  private static final int BITS =
      Integer.getInteger(
          "loupe.kernel.bits", Math.min(512, FloatVector.SPECIES_PREFERRED.vectorBitSize()));

  private static final VectorSpecies<Float> FLOATS =
      VectorSpecies.of(float.class, VectorShape.forBitSize(BITS));
  private static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, VectorShape.forBitSize(BITS));
  private static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(short.class, VectorShape.forBitSize(BITS / 2));
  private static final int LANES = FLOATS.length();

  @Override
  public int vectorBits() {
    return BITS;
  }

  private static FloatVector load(MemorySegment segment, long place) {
    return FloatVector.fromMemorySegment(FLOATS, segment, place << 2, LITTLE_ENDIAN);
  }

  private static FloatVector load(MemorySegment segment, long place, VectorMask<Float> mask) {
    return FloatVector.fromMemorySegment(FLOATS, segment, place << 2, LITTLE_ENDIAN, mask);
  }

  private static void store(FloatVector vector, MemorySegment segment, long place) {
    vector.intoMemorySegment(segment, place << 2, LITTLE_ENDIAN);
  }

  @Override
  public float dot(MemorySegment a, long aAt, MemorySegment b, long bAt, int n) {
    float[] lanes = new float[MOST_LANES];
    for (int part = 0; part < MOST_LANES; part += LANES) {
      FloatVector low = FloatVector.zero(FLOATS);
      FloatVector high = low;
      int i = part;
      for (; i < n - 31 + part; i += 32) {
        low = load(a, aAt + i).fma(load(b, bAt + i), low);
        high = load(a, aAt + i + 16).fma(load(b, bAt + i + 16), high);
      }
      for (; i < n - 15 + part; i += 16) {
        low = load(a, aAt + i).fma(load(b, bAt + i), low);
      }
      if (i < n) {
        VectorMask<Float> rest = FLOATS.indexInRange(i, n);
        low = load(a, aAt + i, rest).fma(load(b, bAt + i, rest), low);
      }
      low.add(high).intoArray(lanes, part);
    }
    return treeSum(lanes, 0);
  }

  private static float treeSum(float[] lanes, int at) {
    float a = (lanes[at] + lanes[at + 8]) + (lanes[at + 4] + lanes[at + 12]);
    float b = (lanes[at + 2] + lanes[at + 10]) + (lanes[at + 6] + lanes[at + 14]);
    float c = (lanes[at + 1] + lanes[at + 9]) + (lanes[at + 5] + lanes[at + 13]);
    float d = (lanes[at + 3] + lanes[at + 11]) + (lanes[at + 7] + lanes[at + 15]);
    return (a + b) + (c + d);
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
    float[] lanes = new float[4 * MOST_LANES];
    int i = from;
    for (; n % 16 == 0 && i + 4 <= to; i += 4) {
      long t0 = (long) rows[i] * n;
      long t1 = (long) rows[i + 1] * n;
      long t2 = (long) rows[i + 2] * n;
      long t3 = (long) rows[i + 3] * n;
      for (int part = 0; part < MOST_LANES; part += LANES) {
        fourDots(row, at, table, t0, t1, t2, t3, part, n, lanes);
      }
      out[i] = treeSum(lanes, 0);
      out[i + 1] = treeSum(lanes, 16);
      out[i + 2] = treeSum(lanes, 32);
      out[i + 3] = treeSum(lanes, 48);
    }
    for (; i < to; i++) {
      out[i] = dot(row, at, table, (long) rows[i] * n, n);
    }
  }

  /** Four rows at a time: their loads wait for memory side by side. */
  private static void fourDots(
      MemorySegment row,
      long at,
      MemorySegment table,
      long t0,
      long t1,
      long t2,
      long t3,
      int part,
      int n,
      float[] lanes) {
    FloatVector low0 = FloatVector.zero(FLOATS);
    FloatVector low1 = low0;
    FloatVector low2 = low0;
    FloatVector low3 = low0;
    FloatVector high0 = low0;
    FloatVector high1 = low0;
    FloatVector high2 = low0;
    FloatVector high3 = low0;
    int i = part;
    for (; i < n - 31 + part; i += 32) {
      FloatVector x = load(row, at + i);
      low0 = load(table, t0 + i).fma(x, low0);
      low1 = load(table, t1 + i).fma(x, low1);
      low2 = load(table, t2 + i).fma(x, low2);
      low3 = load(table, t3 + i).fma(x, low3);
      FloatVector y = load(row, at + i + 16);
      high0 = load(table, t0 + i + 16).fma(y, high0);
      high1 = load(table, t1 + i + 16).fma(y, high1);
      high2 = load(table, t2 + i + 16).fma(y, high2);
      high3 = load(table, t3 + i + 16).fma(y, high3);
    }
    if (i < n) { // a last group of 16
      FloatVector x = load(row, at + i);
      low0 = load(table, t0 + i).fma(x, low0);
      low1 = load(table, t1 + i).fma(x, low1);
      low2 = load(table, t2 + i).fma(x, low2);
      low3 = load(table, t3 + i).fma(x, low3);
    }
    low0.add(high0).intoArray(lanes, part);
    low1.add(high1).intoArray(lanes, 16 + part);
    low2.add(high2).intoArray(lanes, 32 + part);
    low3.add(high3).intoArray(lanes, 48 + part);
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
    int i = from;
    for (; i + 4 <= to; i += 4) {
      addFour(out, at, table, rows, scales, i, n);
    }
    for (; i < to; i++) {
      addOne(out, at, table, (long) rows[i] * n, scales[i], n);
    }
  }

  private static void addFour(
      MemorySegment out, long at, MemorySegment table, int[] rows, float[] scales, int i, int n) {
    long t0 = (long) rows[i] * n;
    long t1 = (long) rows[i + 1] * n;
    long t2 = (long) rows[i + 2] * n;
    long t3 = (long) rows[i + 3] * n;
    FloatVector s0 = FloatVector.broadcast(FLOATS, scales[i]);
    FloatVector s1 = FloatVector.broadcast(FLOATS, scales[i + 1]);
    FloatVector s2 = FloatVector.broadcast(FLOATS, scales[i + 2]);
    FloatVector s3 = FloatVector.broadcast(FLOATS, scales[i + 3]);
    int d = 0;
    for (; d < n - LANES + 1; d += LANES) {
      FloatVector sum = load(table, t0 + d).fma(s0, load(out, at + d));
      sum = load(table, t1 + d).fma(s1, sum);
      sum = load(table, t2 + d).fma(s2, sum);
      sum = load(table, t3 + d).fma(s3, sum);
      store(sum, out, at + d);
    }
    if (d < n) {
      VectorMask<Float> rest = FLOATS.indexInRange(d, n);
      FloatVector sum = load(table, t0 + d, rest).fma(s0, load(out, at + d, rest));
      sum = load(table, t1 + d, rest).fma(s1, sum);
      sum = load(table, t2 + d, rest).fma(s2, sum);
      sum = load(table, t3 + d, rest).fma(s3, sum);
      sum.intoMemorySegment(out, (at + d) << 2, LITTLE_ENDIAN, rest);
    }
  }

  private static void addOne(
      MemorySegment out, long at, MemorySegment table, long from, float scale, int n) {
    FloatVector s = FloatVector.broadcast(FLOATS, scale);
    int d = 0;
    for (; d < n - LANES + 1; d += LANES) {
      store(load(table, from + d).fma(s, load(out, at + d)), out, at + d);
    }
    if (d < n) {
      VectorMask<Float> rest = FLOATS.indexInRange(d, n);
      load(table, from + d, rest)
          .fma(s, load(out, at + d, rest))
          .intoMemorySegment(out, (at + d) << 2, LITTLE_ENDIAN, rest);
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
    int i = 0;
    for (; i < n - LANES + 1; i += LANES) {
      FloatVector g = load(gradient, gradientAt + i);
      FloatVector m =
          g.fma(FloatVector.broadcast(FLOATS, f.gradient1()), load(first, at + i).mul(f.beta1()));
      FloatVector v =
          g.mul(g)
              .fma(
                  FloatVector.broadcast(FLOATS, f.gradient2()),
                  load(second, at + i).mul(f.beta2()));
      FloatVector root =
          v.sqrt()
              .fma(
                  FloatVector.broadcast(FLOATS, f.root()),
                  FloatVector.broadcast(FLOATS, f.epsilon()));
      store(m, first, at + i);
      store(v, second, at + i);
      store(load(weights, at + i).sub(m.mul(f.rate()).div(root)), weights, at + i);
    }
    if (i < n) {
      SCALAR.adam(weights, first, second, at + i, gradient, gradientAt + i, n - i, f);
    }
  }

  /** For what is left over at the end of a row, where nothing is summed. */
  private static final ScalarKernels SCALAR = new ScalarKernels();

  @Override
  public void toBfloat16(MemorySegment in, MemorySegment out, long at, int n) {
    int i = 0;
    for (; i < n - LANES + 1; i += LANES) {
      IntVector bits = load(in, at + i).reinterpretAsInts();
      IntVector even = bits.lanewise(VectorOperators.LSHR, 16).and(1);
      IntVector rounded = bits.add(0x7fff).add(even).lanewise(VectorOperators.LSHR, 16);
      ((ShortVector) rounded.convertShape(VectorOperators.I2S, SHORTS, 0))
          .intoMemorySegment(out, (at + i) << 1, LITTLE_ENDIAN);
    }
    if (i < n) {
      SCALAR.toBfloat16(in, out, at + i, n - i);
    }
  }

  @Override
  public float sumOfFourthPowers(MemorySegment in, long at, int n) {
    float[] lanes = new float[MOST_LANES];
    for (int part = 0; part < MOST_LANES; part += LANES) {
      FloatVector low = FloatVector.zero(FLOATS);
      FloatVector high = low;
      int i = part;
      for (; i < n - 31 + part; i += 32) {
        FloatVector x = load(in, at + i);
        FloatVector y = load(in, at + i + 16);
        x = x.mul(x);
        y = y.mul(y);
        low = x.fma(x, low);
        high = y.fma(y, high);
      }
      for (; i < n - 15 + part; i += 16) {
        FloatVector x = load(in, at + i);
        x = x.mul(x);
        low = x.fma(x, low);
      }
      if (i < n) {
        FloatVector x = load(in, at + i, FLOATS.indexInRange(i, n));
        x = x.mul(x);
        low = x.fma(x, low);
      }
      low.add(high).intoArray(lanes, part);
    }
    return treeSum(lanes, 0);
  }

  @Override
  public void maxInPlace(MemorySegment out, long outAt, MemorySegment in, long inAt, int n) {
    int i = 0;
    for (; i < FLOATS.loopBound(n); i += LANES) {
      store(load(out, outAt + i).max(load(in, inAt + i)), out, outAt + i);
    }
    VectorMask<Float> rest = FLOATS.indexInRange(i, n);
    if (rest.anyTrue()) {
      load(out, outAt + i, rest)
          .max(load(in, inAt + i, rest))
          .intoMemorySegment(out, (outAt + i) << 2, LITTLE_ENDIAN, rest);
    }
  }

  @Override
  public int screen(
      MemorySegment products, long at, int first, int end, Bounds bounds, Candidates out) {
    return bounds.bfloat16()
        ? screenShorts(products, at, first, end, bounds, out)
        : screenFloats(products, at, first, end, bounds, out);
  }

  private static int screenShorts(
      MemorySegment products, long at, int first, int end, Bounds bounds, Candidates out) {
    int f = first;
    for (; f < end - LANES + 1; f += LANES) {
      if (out.isFull()) {
        return f;
      }
      long hits = hits(loadShorts(products, at + f - first), f, bounds, out);
      if (hits != 0) {
        take(hits, products, at + f - first, f, bounds, out);
      }
    }
    return rest(products, at, first, f, end, bounds, out);
  }

  private static FloatVector loadShorts(MemorySegment products, long at) {
    ShortVector halves = ShortVector.fromMemorySegment(SHORTS, products, at << 1, LITTLE_ENDIAN);
    return ((IntVector) halves.convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0))
        .lanewise(VectorOperators.LSHL, 16)
        .reinterpretAsFloats();
  }

  private static int screenFloats(
      MemorySegment products, long at, int first, int end, Bounds bounds, Candidates out) {
    int f = first;
    for (; f < end - LANES + 1; f += LANES) {
      if (out.isFull()) {
        return f;
      }
      long hits = hits(load(products, at + f - first), f, bounds, out);
      if (hits != 0) {
        take(hits, products, at + f - first, f, bounds, out);
      }
    }
    return rest(products, at, first, f, end, bounds, out);
  }

  /** A bit for each lane whose score may exceed the threshold. */
  private static long hits(FloatVector product, int f, Bounds bounds, Candidates out) {
    FloatVector upper =
        product.abs().fma(FloatVector.broadcast(FLOATS, bounds.relative()), product);
    FloatVector other =
        FloatVector.fromArray(FLOATS, bounds.margins(), f)
            .fma(
                FloatVector.broadcast(FLOATS, bounds.token()),
                FloatVector.fromArray(FLOATS, bounds.offsets(), f));
    return upper
        .fma(FloatVector.fromArray(FLOATS, bounds.norms(), f), other)
        .compare(VectorOperators.GT, out.threshold())
        .toLong();
  }

  @Override
  public float reached(MemorySegment products, long at, int first, int end, Bounds bounds, int k) {
    int n = (end - first) / MOST_LANES * MOST_LANES;
    if (n < k) {
      return Float.NEGATIVE_INFINITY;
    }
    float[] maxima = ScalarKernels.noMaxima(n, k);
    int perGroup = ScalarKernels.perGroup(n, k);
    for (int i = 0; i < n; i += LANES) {
      FloatVector product =
          bounds.bfloat16() ? loadShorts(products, at + i) : load(products, at + i);
      int group = ScalarKernels.group(i, perGroup);
      lower(product, first + i, bounds)
          .max(FloatVector.fromArray(FLOATS, maxima, group))
          .intoArray(maxima, group);
    }
    return largest(maxima, maxima.length, k);
  }

  private static FloatVector lower(FloatVector product, int f, Bounds bounds) {
    FloatVector lower =
        product.abs().fma(FloatVector.broadcast(FLOATS, -bounds.relative()), product);
    FloatVector other =
        FloatVector.fromArray(FLOATS, bounds.margins(), f)
            .fma(
                FloatVector.broadcast(FLOATS, -bounds.token()),
                FloatVector.fromArray(FLOATS, bounds.offsets(), f));
    return lower.fma(FloatVector.fromArray(FLOATS, bounds.norms(), f), other);
  }

  private static void take(
      long hits, MemorySegment products, long at, int f, Bounds bounds, Candidates out) {
    for (long left = hits; left != 0; left &= left - 1) {
      int lane = Long.numberOfTrailingZeros(left);
      float product = ScalarKernels.product(products, at + lane, bounds.bfloat16());
      out.add(f + lane, Math.fma(product, bounds.norms()[f + lane], bounds.offsets()[f + lane]));
    }
  }

  private static int rest(
      MemorySegment products, long at, int first, int f, int end, Bounds bounds, Candidates out) {
    for (int i = f; i < end; i++) {
      if (out.isFull()) {
        return i;
      }
      float product = ScalarKernels.product(products, at + i - first, bounds.bfloat16());
      ScalarKernels.consider(product, i, bounds, out);
    }
    return end;
  }

  /**
   * Looks for the value bit by bit, from the highest on: as integers of the same order, the k-th
   * largest is the greatest number that k of them reach.
   */
  @Override
  public float largest(float[] values, int count, int k) {
    int[] keys = new int[(count + LANES - 1) / LANES * LANES];
    Arrays.fill(keys, count, keys.length, Integer.MIN_VALUE);
    for (int i = 0; i < count; i++) {
      keys[i] = ordered(Float.floatToRawIntBits(values[i]));
    }
    int reached = Integer.MIN_VALUE;
    for (int bit = 31; bit >= 0; bit--) {
      int next = reached + (1 << bit); // from the smallest number on, adding a bit sets it
      int above = countFrom(keys, next);
      if (above >= k) {
        reached = next;
        if (above == k) {
          return Float.intBitsToFloat(ordered(leastFrom(keys, next)));
        }
      }
    }
    return Float.intBitsToFloat(ordered(reached));
  }

  /** Bits of a float as an integer that orders as the floats do, and back. */
  private static int ordered(int bits) {
    return bits ^ (bits >> 31 & 0x7fffffff);
  }

  private static int countFrom(int[] keys, int least) {
    int count = 0;
    for (int i = 0; i < keys.length; i += LANES) {
      count += IntVector.fromArray(INTS, keys, i).compare(VectorOperators.GE, least).trueCount();
    }
    return count;
  }

  private static int leastFrom(int[] keys, int least) {
    int result = Integer.MAX_VALUE;
    for (int key : keys) {
      if (key >= least && key < result) {
        result = key;
      }
    }
    return result;
  }
}
