package dev.loupe.analyze;

/**
 * The fixed logarithmic grid on which activations are counted, the same for every feature, so that
 * counts of parts add up: 16 bins an octave from 2⁻¹⁶ to 2¹⁶, of equal width within the octave.
 * What is below or above counts in the first or last bin. A bin is the exponent and four bits of
 * the mantissa of a float32, so that no rounding decides.
 */
final class Grid {
  static final int BINS = 512;

  private static final int SHIFT = 19; // of 23 bits of mantissa, four are left
  private static final int FIRST = (127 - 16) << 4;

  private Grid() {}

  /** The bin of an activation above zero. */
  static int bin(float activation) {
    return Math.clamp((Float.floatToRawIntBits(activation) >>> SHIFT) - FIRST, 0, BINS - 1);
  }

  /** The lower edge of a bin; of {@link #BINS} the upper one of the last. */
  static float edge(int bin) {
    return Float.intBitsToFloat((bin + FIRST) << SHIFT);
  }
}
