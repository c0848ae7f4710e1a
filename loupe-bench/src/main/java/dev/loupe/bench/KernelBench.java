package dev.loupe.bench;

import dev.loupe.kernel.AdamFactors;
import dev.loupe.kernel.Bounds;
import dev.loupe.kernel.Candidates;
import dev.loupe.kernel.Kernels;
import dev.loupe.kernel.ScalarKernels;
import dev.loupe.kernel.VectorKernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Each kernel on what one token, or one feature, of a step at d x 16 d needs: 48 rows of a table
 * that does not fit the second-level cache, one row of Adam, one tile of screened products.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "--add-modules=jdk.incubator.vector",
      "--enable-native-access=ALL-UNNAMED",
      "-Xmx1g"
    })
public class KernelBench {
  private static final int ROWS = 48;
  private static final int TILE = 1024;
  private static final AdamFactors FACTORS = AdamFactors.of(0.9, 0.999, 1e-8, 1, 1e-3, 10);

  /** Which implementation. */
  public enum Kind {
    VECTOR,
    SCALAR
  }

  /** Implementation under test. */
  @Param({"VECTOR", "SCALAR"})
  public Kind kind = Kind.VECTOR;

  /** Floats of a row. */
  @Param({"256", "1024", "4096"})
  public int d = 1024;

  private Kernels kernels = new VectorKernels();
  private MemorySegment table = MemorySegment.NULL;
  private MemorySegment row = MemorySegment.NULL;
  private MemorySegment first = MemorySegment.NULL;
  private MemorySegment second = MemorySegment.NULL;
  private MemorySegment halves = MemorySegment.NULL;
  private final float[] out = new float[ROWS];
  private final float[] scales = new float[ROWS];
  private int[][] lists = {};
  private int next;
  private Bounds bounds = new Bounds(true, out, out, out, 0, 0);

  /** Fills everything with seeded numbers. */
  @Setup
  @SuppressWarnings("restricted")
  public void fill() {
    kernels = kind == Kind.VECTOR ? new VectorKernels() : new ScalarKernels();
    int features = 16 * d;
    table = floats((long) features * d, 1);
    row = floats(d, 2);
    first = floats(d, 3);
    second = floats(d, 4);
    halves = floats(d / 2 + TILE / 2, 5);
    Arrays.fill(scales, 0.5f);
    SplittableRandom random = new SplittableRandom(6);
    lists = new int[256][];
    for (int i = 0; i < lists.length; i++) {
      lists[i] = random.ints(ROWS, 0, features).sorted().toArray();
    }
    float[] ones = new float[TILE];
    Arrays.fill(ones, 1);
    bounds = new Bounds(true, ones, new float[TILE], ones, 0x1p-8f, 1e-3f);
  }

  @SuppressWarnings("restricted")
  private static MemorySegment floats(long n, long seed) {
    long address = Arena.global().allocate(4 * n, 64).address();
    MemorySegment segment = MemorySegment.ofAddress(address).reinterpret(4 * n);
    SplittableRandom random = new SplittableRandom(seed);
    for (long i = 0; i < n; i++) {
      segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, random.nextFloat());
    }
    return segment;
  }

  private int[] list() {
    next = (next + 1) % lists.length;
    return lists[next];
  }

  /** 48 dot products of a row with rows of a table. */
  @Benchmark
  public float[] dots() {
    kernels.dots(row, 0, table, list(), 0, ROWS, d, out);
    return out;
  }

  /** A row plus 48 scaled rows of a table. */
  @Benchmark
  public void addRows() {
    kernels.addRows(first, 0, table, list(), scales, 0, ROWS, d);
  }

  /** One row of Adam. */
  @Benchmark
  public void adam() {
    kernels.adam(table, first, second, 0, row, 0, d, FACTORS);
  }

  /** One row rounded to bfloat16. */
  @Benchmark
  public void toBfloat16() {
    kernels.toBfloat16(row, halves, 0, d);
  }

  /** The measure of a row that screening needs. */
  @Benchmark
  public float sumOfFourthPowers() {
    return kernels.sumOfFourthPowers(row, 0, d);
  }

  /** 1,024 products of a token, of which none matters. */
  @Benchmark
  public int screen() {
    return kernels.screen(halves, 0, 0, TILE, bounds, new Candidates(16, Float.MAX_VALUE));
  }
}
