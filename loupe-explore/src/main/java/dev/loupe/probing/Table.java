package dev.loupe.probing;

/**
 * A row of numbers for each unit (a document, a word in its place), a column for each candidate
 * that a probe may read: features, or dimensions of an activation.
 */
sealed interface Table permits DenseTable, SparseTable {
  int rows();

  int width();

  /**
   * For each column its mean over the rows of the class less its mean over the others.
   *
   * @param labels of the rows given, of both kinds
   */
  double[] meanDifferences(int[] rows, boolean[] labels);

  /** Some rows of some columns. */
  DenseTable pick(int[] rows, int[] columns);

  /** What a row with this label weighs in a difference of means. */
  static double[] weights(boolean[] labels) {
    int positives = 0;
    for (boolean label : labels) {
      positives += label ? 1 : 0;
    }
    if (positives == 0 || positives == labels.length) {
      throw new IllegalArgumentException(
          "expected rows of both classes, got %d of %d in the class"
              .formatted(positives, labels.length));
    }
    double[] weights = new double[labels.length];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = labels[i] ? 1.0 / positives : -1.0 / (labels.length - positives);
    }
    return weights;
  }
}
