package dev.loupe.store;

/** Floats with fewer digits, which files hold in fewer bytes. */
public final class Rounded {
  private static final int DROPPED = 13; // of 24 significant bits

  private Rounded() {}

  /**
   * To 11 significant bits, as float16 has, to nearest and even; NaN and infinities as they are.
   */
  public static float of(float value) {
    int bits = Float.floatToRawIntBits(value);
    if ((bits & 0x7f800000) == 0x7f800000) {
      return value;
    }
    int half = (1 << (DROPPED - 1)) - 1 + ((bits >>> DROPPED) & 1);
    return Float.intBitsToFloat((bits + half) & -(1 << DROPPED));
  }

  static float[] of(float[] values) {
    float[] rounded = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      rounded[i] = of(values[i]);
    }
    return rounded;
  }
}
