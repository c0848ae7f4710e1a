package dev.loupe.exchange;

import java.util.List;

/** Lists of a row that belong together, checked by its constructor, by their names in files. */
final class Lengths {
  private static final int TABLE_ROWS = 3;
  private static final int LOGITS = 10;

  private Lengths() {}

  /** Refuses lists of which one has not as many elements as the other. */
  static void same(String field, List<?> values, String other, List<?> others) {
    if (values.size() != others.size()) {
      throw new IllegalArgumentException(
          "expected as many elements in %s as in %s, got %d and %d"
              .formatted(field, other, values.size(), others.size()));
    }
  }

  /** Refuses a place that a list does not have. */
  static void index(String field, int index, String list, List<?> values) {
    if (index < 0 || index >= values.size()) {
      throw new IllegalArgumentException(
          "expected %s within the %d elements of %s, got %d"
              .formatted(field, values.size(), list, index));
    }
  }

  /**
   * Refuses a table of more than three rows, or with columns of different lengths.
   *
   * @param name what its columns' names begin with
   * @param second name of the second column
   */
  static void table(
      String name, List<Integer> indices, String second, List<Double> values, List<Double> l1) {
    atMost(TABLE_ROWS, name + "_indices", indices);
    same(name + "_" + second, values, name + "_indices", indices);
    same(name + "_l1", l1, name + "_indices", indices);
  }

  /** Refuses more than ten tokens, or not as many logits. */
  static void logits(String name, List<String> tokens, List<Double> values) {
    atMost(LOGITS, name + "_str", tokens);
    same(name + "_values", values, name + "_str", tokens);
  }

  /** Refuses a histogram of other than 50 bins. */
  static void histogram(String name, List<Double> values, List<Double> heights) {
    exactly(Histogram.BINS, name + "_bar_values", values);
    exactly(Histogram.BINS, name + "_bar_heights", heights);
  }

  private static void exactly(int length, String field, List<?> values) {
    if (values.size() != length) {
      throw new IllegalArgumentException(
          "expected %d elements in %s, got %d".formatted(length, field, values.size()));
    }
  }

  private static void atMost(int length, String field, List<?> values) {
    if (values.size() > length) {
      throw new IllegalArgumentException(
          "expected at most %d elements in %s, got %d".formatted(length, field, values.size()));
    }
  }
}
