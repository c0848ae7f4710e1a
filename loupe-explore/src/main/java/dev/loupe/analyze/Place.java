package dev.loupe.analyze;

import dev.loupe.store.WindowRow;

/** A position of a context in one long; places in the order of the corpus ascend. */
final class Place {
  private static final int POSITION_BITS = 24;
  private static final int WINDOW_BITS = Integer.numberOfTrailingZeros(WindowRow.TOKENS);

  private Place() {}

  static long of(int context, int position) {
    return ((long) context << POSITION_BITS) | position;
  }

  static int context(long place) {
    return (int) (place >>> POSITION_BITS);
  }

  static int position(long place) {
    return (int) (place & ((1 << POSITION_BITS) - 1));
  }

  /** What places of one window have in common and no others have. */
  static long window(long place) {
    return place >>> WINDOW_BITS; // positions are the low bits
  }

  /** The number, within its context, of the window that has the position. */
  static int block(int position) {
    return position / WindowRow.TOKENS;
  }
}
