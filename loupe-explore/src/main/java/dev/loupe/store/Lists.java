package dev.loupe.store;

import java.util.Arrays;

/** What must hold of the lists of a row, which may come from a damaged file. */
final class Lists {
  private Lists() {}

  /** Refuses lists that belong together and are not equally long. */
  static void requireEqual(String what, int... lengths) {
    if (Arrays.stream(lengths).distinct().count() > 1) {
      throw new IllegalArgumentException(
          "expected lists of the same length for %s, got %s"
              .formatted(what, Arrays.toString(lengths)));
    }
  }
}
