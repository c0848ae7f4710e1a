package dev.loupe.probing;

import java.util.Arrays;

/**
 * A table of which most numbers are zero.
 *
 * @param columns of each row, ascending
 * @param values at these
 * @param width columns in all
 */
@SuppressWarnings("ArrayRecordComponent") // a plain carrier; never compared
record SparseTable(int[][] columns, float[][] values, int width) implements Table {
  SparseTable {
    if (columns.length != values.length) {
      throw new IllegalArgumentException(
          "expected values for %d rows, got %d".formatted(columns.length, values.length));
    }
  }

  @Override
  public int rows() {
    return columns.length;
  }

  float at(int row, int column) {
    int place = Arrays.binarySearch(columns[row], column);
    return place < 0 ? 0 : values[row][place];
  }

  @Override
  public double[] meanDifferences(int[] rows, boolean[] labels) {
    double[] weights = Table.weights(labels);
    double[] differences = new double[width];
    for (int i = 0; i < rows.length; i++) {
      int[] listed = columns[rows[i]];
      for (int j = 0; j < listed.length; j++) {
        differences[listed[j]] += weights[i] * values[rows[i]][j];
      }
    }
    return differences;
  }

  @Override
  public DenseTable pick(int[] rows, int[] wanted) {
    float[] picked = new float[rows.length * wanted.length];
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < wanted.length; j++) {
        picked[i * wanted.length + j] = at(rows[i], wanted[j]);
      }
    }
    return new DenseTable(picked, wanted.length);
  }
}
