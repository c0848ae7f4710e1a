package dev.loupe.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Vector kernels of every width that the machine has give the bits of the plain loops. */
final class KernelsTest {
  private static final Kernels TRUTH = new ScalarKernels();

  /** Lengths around every border of lanes and groups. */
  private static final int[] SIZES = {1, 2, 3, 7, 8, 15, 16, 17, 31, 32, 33, 48, 63, 64, 80, 257};

  private static final int TABLE_ROWS = 11;

  static Stream<Arguments> cases() {
    return IntStream.of(128, 256, 512)
        .filter(bits -> bits <= FloatVector.SPECIES_PREFERRED.vectorBitSize())
        .boxed()
        .flatMap(bits -> {
          Kernels kernels = kernelsOfWidth(bits);
          return Arrays.stream(SIZES).mapToObj(n -> Arguments.of(bits, kernels, n));
        });
  }

  @ParameterizedTest(name = "{0} bits, {2} floats")
  @MethodSource("cases")
  void sumsAreTheSameBits(int bits, Kernels kernels, int n) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment row = floats(arena, n + 5, 1);
      MemorySegment table = floats(arena, (long) TABLE_ROWS * n, 2);
      assertThat(kernels.dot(row, 5, table, n, n)).isEqualTo(TRUTH.dot(row, 5, table, n, n));
      assertThat(kernels.sumOfFourthPowers(row, 5, n))
          .isEqualTo(TRUTH.sumOfFourthPowers(row, 5, n));
      MemorySegment largest = floats(arena, n + 9, 4);
      MemorySegment largestExpected = floats(arena, n + 9, 4);
      kernels.maxInPlace(largest, 2, row, 5, n);
      TRUTH.maxInPlace(largestExpected, 2, row, 5, n);
      assertThat(largest.toArray(JAVA_FLOAT)).isEqualTo(largestExpected.toArray(JAVA_FLOAT));
      for (int count = 0; count <= TABLE_ROWS; count++) {
        int[] rows = {3, 9, 0, 10, 3, 1, 7, 2, 8, 4, 6};
        float[] got = new float[TABLE_ROWS];
        float[] expected = new float[TABLE_ROWS];
        kernels.dots(row, 5, table, rows, 0, count, n, got);
        TRUTH.dots(row, 5, table, rows, 0, count, n, expected);
        assertThat(got).isEqualTo(expected);

        MemorySegment sum = floats(arena, n + 3, 3);
        MemorySegment sumExpected = floats(arena, n + 3, 3);
        kernels.addRows(sum, 3, table, rows, got, 0, count, n);
        TRUTH.addRows(sumExpected, 3, table, rows, got, 0, count, n);
        assertThat(sum.toArray(JAVA_FLOAT)).isEqualTo(sumExpected.toArray(JAVA_FLOAT));
      }
    }
  }

  @ParameterizedTest(name = "{0} bits, {2} floats")
  @MethodSource("cases")
  void dotIsNearTheSumInDouble(int bits, Kernels kernels, int n) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment a = floats(arena, n, 4);
      MemorySegment b = floats(arena, n, 5);
      double sum = 0;
      double size = 0;
      for (int i = 0; i < n; i++) {
        double product = (double) a.getAtIndex(JAVA_FLOAT, i) * b.getAtIndex(JAVA_FLOAT, i);
        sum += product;
        size += Math.abs(product);
      }
      assertThat((double) kernels.dot(a, 0, b, 0, n)).isCloseTo(sum, within(size * 1e-6));
    }
  }

  @ParameterizedTest(name = "{0} bits, {2} floats")
  @MethodSource("cases")
  void adamIsTheSameBits(int bits, Kernels kernels, int n) {
    AdamFactors factors = AdamFactors.of(0.9, 0.999, 1e-8, 0.3, 1e-3, 4);
    try (Arena arena = Arena.ofShared()) {
      float[][] results = new float[2][];
      for (int which = 0; which < 2; which++) {
        MemorySegment all = arena.allocate(4L * 3 * (n + 2), 4);
        all.copyFrom(floats(arena, 3L * (n + 2), 6));
        MemorySegment second = all.asSlice(8L * (n + 2));
        for (int i = 0; i < n + 2; i++) {
          second.setAtIndex(JAVA_FLOAT, i, Math.abs(second.getAtIndex(JAVA_FLOAT, i)));
        }
        (which == 0 ? kernels : TRUTH)
            .adam(
                all, all.asSlice(4L * (n + 2)), second, 2, floats(arena, n + 1, 7), 1, n, factors);
        results[which] = all.toArray(JAVA_FLOAT);
      }
      assertThat(results[0]).isEqualTo(results[1]);
    }
  }

  @ParameterizedTest(name = "{0} bits, {2} floats")
  @MethodSource("cases")
  void roundsToBfloat16(int bits, Kernels kernels, int n) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment in = floats(arena, n, 8);
      MemorySegment got = arena.allocate(2L * n);
      MemorySegment expected = arena.allocate(2L * n);
      kernels.toBfloat16(in, got, 0, n);
      TRUTH.toBfloat16(in, expected, 0, n);
      assertThat(got.toArray(JAVA_SHORT)).isEqualTo(expected.toArray(JAVA_SHORT));
      for (int i = 0; i < n; i++) {
        float value = in.getAtIndex(JAVA_FLOAT, i);
        float rounded = Float.intBitsToFloat(got.getAtIndex(JAVA_SHORT, i) << 16);
        assertThat(Math.abs(rounded - value)).isLessThanOrEqualTo(Math.abs(value) / 256);
      }
    }
  }

  @ParameterizedTest(name = "{0} bits, {2} floats")
  @MethodSource("cases")
  void screensTheSameFeatures(int bits, Kernels kernels, int n) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment products = floats(arena, n + 2, 9);
      MemorySegment halves = arena.allocate(2L * (n + 2));
      TRUTH.toBfloat16(products, halves, 0, n + 2);
      for (boolean bfloat16 : new boolean[] {false, true}) {
        MemorySegment in = bfloat16 ? halves : products;
        for (int k : new int[] {0, 1, 3, 50}) {
          Bounds bounds = new Bounds(bfloat16, row(n, 10), row(n, 11), row(n, 12), 0x1p-8f, 0.05f);
          if (k > 0) {
            assertThat(kernels.reached(in, 2, 0, n, bounds, k))
                .isEqualTo(TRUTH.reached(in, 2, 0, n, bounds, k));
          }
          assertThat(screened(kernels, in, n, bounds, k))
              .isEqualTo(screened(TRUTH, in, n, bounds, k));
        }
      }
    }
  }

  @ParameterizedTest(name = "{0} bits, {2} floats")
  @MethodSource("cases")
  void findsTheKthLargest(int bits, Kernels kernels, int n) {
    float[] spread = row(n, 13);
    float[] ties = row(n, 14);
    for (int i = 0; i < n; i++) {
      spread[i] = (spread[i] - 0.5f) * (float) Math.pow(10, i % 9 - 4);
      ties[i] = Math.round(3 * ties[i]) - 1;
    }
    for (float[] values : new float[][] {spread, ties, new float[n]}) {
      for (int k = 1; k <= n; k += k < 20 ? 1 : 13) {
        assertThat(kernels.largest(values, n, k)).isEqualTo(TRUTH.largest(values, n, k));
      }
    }
  }

  private static int[] screened(Kernels kernels, MemorySegment in, int n, Bounds bounds, int k) {
    Candidates candidates = new Candidates(k, 0);
    int next = 0;
    while (next < n) {
      next = kernels.screen(in, 2 + next, next, n, bounds, candidates);
      candidates.shrink(bounds);
    }
    return Arrays.copyOf(candidates.features(), candidates.count());
  }

  private static float[] row(int n, long seed) {
    float[] values = new float[n];
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < n; i++) {
      values[i] = random.nextFloat();
    }
    return values;
  }

  private static MemorySegment floats(Arena arena, long n, long seed) {
    MemorySegment segment = arena.allocate(4 * n, 4);
    SplittableRandom random = new SplittableRandom(seed);
    for (long i = 0; i < n; i++) {
      segment.setAtIndex(JAVA_FLOAT, i, (float) random.nextDouble(-2, 2));
    }
    return segment;
  }

  /** The width is a constant of the class, so each width has a copy of the class. */
  private static Kernels kernelsOfWidth(int bits) {
    System.setProperty("loupe.kernel.bits", String.valueOf(bits));
    try {
      return (Kernels)
          new OwnCopy().loadClass(VectorKernels.class.getName()).getConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.toString(), e);
    } finally {
      System.clearProperty("loupe.kernel.bits");
    }
  }

  private static final class OwnCopy extends ClassLoader {
    OwnCopy() {
      super(KernelsTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.equals(VectorKernels.class.getName())
          && !name.equals(ScalarKernels.class.getName())) {
        return super.loadClass(name, resolve);
      }
      Class<?> loaded = findLoadedClass(name);
      if (loaded != null) {
        return loaded;
      }
      try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
        byte[] bytes = in.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }
}
