package dev.loupe.text;

import java.util.Arrays;
import java.util.function.IntToLongFunction;

/**
 * Random orders without a generator: everything has a key of 33 bits that follows from the seed and
 * from what it is, and is sorted by it. Equal keys keep their order.
 */
final class HashOrder {
  /** All keys are below this. */
  static final long KEYS = 1L << 33;

  private static final int INDEX_BITS = 31;

  private HashOrder() {}

  /** The key of the thing that {@code parts} name. */
  static long key(long seed, long... parts) {
    long hash = mix(seed);
    for (long part : parts) {
      hash = mix(hash ^ mix(part));
    }
    return hash >>> INDEX_BITS;
  }

  /** The numbers from 0 to count - 1, sorted by their keys. */
  static int[] sorted(int count, IntToLongFunction keys) {
    long[] packed = new long[count];
    for (int i = 0; i < count; i++) {
      // the topmost of 33 + 31 bits is the sign: flipped, signed order is unsigned order
      packed[i] = (keys.applyAsLong(i) << INDEX_BITS | i) ^ Long.MIN_VALUE;
    }
    Arrays.parallelSort(packed);
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      order[i] = (int) packed[i] & Integer.MAX_VALUE;
    }
    return order;
  }

  /** SplitMix64's step and finaliser (Steele, Lea and Flood 2014). */
  private static long mix(long value) {
    long z = value + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
