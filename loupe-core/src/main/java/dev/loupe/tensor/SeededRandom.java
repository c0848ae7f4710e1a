package dev.loupe.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * Random numbers that are functions of a seed, a purpose and a position, without any state: the
 * same number wherever and whenever it is asked for, so that a resumed run needs no generator.
 */
public final class SeededRandom {
  private static final long GAMMA = 0x9E3779B97F4A7C15L;

  private final long key;

  /**
   * @param purpose what the numbers are for; another purpose gives unrelated numbers
   */
  public SeededRandom(long seed, String purpose) {
    long mixed = mix(seed);
    for (byte b : purpose.getBytes(StandardCharsets.UTF_8)) {
      mixed = mix(mixed ^ (b & 0xff)) + GAMMA;
    }
    this.key = mixed;
  }

  /** 64 random bits for a position. */
  public long bits(long position) {
    return mix(key + GAMMA * (position + 1));
  }

  /** Uniform in [0, 1). */
  public double uniform(long position) {
    return (bits(position) >>> 11) * 0x1.0p-53;
  }

  /** Uniform in 0 .. bound - 1. */
  public int below(long position, int bound) {
    return Math.floorMod(bits(position) >>> 1, bound);
  }

  /** Standard normal (Box and Muller); uses two positions of its own stream. */
  public double normal(long position) {
    double radius = Math.sqrt(-2 * Math.log(1 - uniform(2 * position)));
    return radius * Math.cos(2 * Math.PI * uniform(2 * position + 1));
  }

  /** Rows of independent normal numbers scaled to a norm: random directions, float32 on the CPU. */
  public Tensor directions(long rows, int d, double norm) {
    Tensor tensor = Tensors.empty(DType.F32, Device.CPU, rows, d);
    MemorySegment out = tensor.segment();
    double[] row = new double[d];
    for (long r = 0; r < rows; r++) {
      double squares = 0;
      for (int i = 0; i < d; i++) {
        row[i] = normal(r * d + i);
        squares += row[i] * row[i];
      }
      double scale = norm / Math.sqrt(squares);
      for (int i = 0; i < d; i++) {
        out.setAtIndex(ValueLayout.JAVA_FLOAT, r * d + i, (float) (row[i] * scale));
      }
    }
    return tensor;
  }

  /** SplitMix64's finaliser (Steele, Lea and Flood 2014). */
  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
