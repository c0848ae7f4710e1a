package dev.loupe.probing;

import java.util.stream.IntStream;

/**
 * A table with all its numbers.
 *
 * @param values row by row
 * @param width columns
 */
@SuppressWarnings("ArrayRecordComponent") // a plain carrier; never compared
record DenseTable(float[] values, int width) implements Table {
  DenseTable {
    if (width < 1 || values.length % width != 0) {
      throw new IllegalArgumentException(
          "expected whole rows of 1 or more columns, got %d numbers in rows of %d"
              .formatted(values.length, width));
    }
  }

  @Override
  public int rows() {
    return values.length / width;
  }

  float at(int row, int column) {
    return values[row * width + column];
  }

  @Override
  public double[] meanDifferences(int[] rows, boolean[] labels) {
    double[] weights = Table.weights(labels);
    double[] differences = new double[width];
    for (int i = 0; i < rows.length; i++) {
      for (int column = 0; column < width; column++) {
        differences[column] += weights[i] * at(rows[i], column);
      }
    }
    return differences;
  }

  @Override
  public DenseTable pick(int[] rows, int[] columns) {
    float[] picked = new float[rows.length * columns.length];
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < columns.length; j++) {
        picked[i * columns.length + j] = at(rows[i], columns[j]);
      }
    }
    return new DenseTable(picked, columns.length);
  }

  /** Some rows of all columns. */
  DenseTable pick(int[] rows) {
    return pick(rows, IntStream.range(0, width).toArray());
  }
}
