package dev.loupe.probing;

import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A logistic regression on the columns of a table, standardised by the mean and deviation of its
 * training rows and folded back into raw units. The penalty is the one of {@link #PENALTIES} whose
 * fit to four fifths of the training rows gives the other fifth the least loss; of equals the
 * largest.
 *
 * @param weights of the raw columns
 * @param bias what is added
 * @param penalty λ of the standardised columns
 */
@SuppressWarnings("ArrayRecordComponent") // a plain carrier; never compared
record LinearProbe(double[] weights, double bias, double penalty) {
  /** From the strongest on, each fit begun where the one before ended. */
  static final List<Double> PENALTIES = List.of(1000.0, 100.0, 10.0, 1.0);

  private static final int FOLDS = 5;

  /** Fits all rows of a table, which need both classes. */
  static LinearProbe fit(DenseTable table, boolean[] labels) {
    double[] means = new double[table.width()];
    double[] deviations = new double[table.width()];
    try (TensorScope _ = TensorScope.open()) {
      Tensor standard = standardised(table, means, deviations);
      Chosen chosen = choose(standard, labels);
      int[] all = IntStream.range(0, labels.length).toArray();
      double[] best = LogisticRegression.fit(standard, all, labels, chosen.penalty, chosen.at);
      double[] weights = new double[table.width()];
      double bias = best[table.width()];
      for (int j = 0; j < weights.length; j++) {
        weights[j] = best[j] / deviations[j];
        bias -= weights[j] * means[j];
      }
      return new LinearProbe(weights, bias, chosen.penalty);
    }
  }

  private static Tensor standardised(DenseTable table, double[] means, double[] deviations) {
    int n = table.rows();
    int width = table.width();
    for (int j = 0; j < width; j++) {
      double sum = 0;
      for (int i = 0; i < n; i++) {
        sum += table.at(i, j);
      }
      means[j] = sum / n;
      double squares = 0;
      for (int i = 0; i < n; i++) {
        squares += (table.at(i, j) - means[j]) * (table.at(i, j) - means[j]);
      }
      deviations[j] = squares > 0 ? Math.sqrt(squares / n) : 1; // a constant says nothing
    }
    float[] standard = new float[n * width];
    for (int i = 0; i < standard.length; i++) {
      int j = i % width;
      standard[i] = (float) ((table.values()[i] - means[j]) / deviations[j]);
    }
    return Tensors.of(standard, n, width);
  }

  /**
   * A penalty and the minimum on the rows that it was chosen with.
   *
   * @param at [D + 1], the bias last
   */
  @SuppressWarnings("ArrayRecordComponent") // a plain carrier; never compared
  private record Chosen(double penalty, double[] at) {}

  private static Chosen choose(Tensor standard, boolean[] labels) {
    List<Integer> fitted = new ArrayList<>();
    List<Integer> left = new ArrayList<>();
    int[] seen = new int[2];
    for (int i = 0; i < labels.length; i++) {
      boolean isLeft = seen[labels[i] ? 1 : 0]++ % FOLDS == FOLDS - 1;
      (isLeft ? left : fitted).add(i);
    }
    double[] at = new double[Math.toIntExact(standard.size(1)) + 1];
    Chosen best = new Chosen(PENALTIES.getFirst(), at);
    if (seen[0] < FOLDS || seen[1] < FOLDS) {
      return best; // too few rows to choose by
    }
    int[] rows = ints(fitted);
    int[] others = ints(left);
    double least = Double.POSITIVE_INFINITY;
    for (double penalty : PENALTIES) {
      at = LogisticRegression.fit(standard, rows, pick(labels, rows), penalty, at);
      double loss = LogisticRegression.loss(standard, others, pick(labels, others), at);
      if (loss < least) {
        least = loss;
        best = new Chosen(penalty, at);
      }
    }
    return best;
  }

  private static int[] ints(List<Integer> list) {
    return list.stream().mapToInt(Integer::intValue).toArray();
  }

  private static boolean[] pick(boolean[] labels, int[] rows) {
    boolean[] picked = new boolean[rows.length];
    for (int i = 0; i < rows.length; i++) {
      picked[i] = labels[rows[i]];
    }
    return picked;
  }

  /** The logit of a row of a table with the same columns. */
  double logit(DenseTable table, int row) {
    double sum = bias;
    for (int j = 0; j < weights.length; j++) {
      sum += weights[j] * table.at(row, j);
    }
    return sum;
  }

  /** For each row whether its logit is above zero. */
  boolean[] predict(DenseTable table) {
    boolean[] predicted = new boolean[table.rows()];
    for (int i = 0; i < predicted.length; i++) {
      predicted[i] = logit(table, i) > 0;
    }
    return predicted;
  }

  /** The weights at length one. */
  double[] direction() {
    double squares = 0;
    for (double weight : weights) {
      squares += weight * weight;
    }
    double norm = Math.sqrt(squares);
    return IntStream.range(0, weights.length).mapToDouble(j -> weights[j] / norm).toArray();
  }
}
