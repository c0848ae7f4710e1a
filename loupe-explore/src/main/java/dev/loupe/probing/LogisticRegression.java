package dev.loupe.probing;

import dev.loupe.kernel.Kernels;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.stream.IntStream;

/**
 * Penalised logistic regression of two classes: the w and b that minimise Σ log(1 + exp(−y (w · x +
 * b))) + λ/2 ‖w‖², y = ±1; the bias is not penalised. The function is strictly convex in w, so the
 * minimum is one place, which the gradient certifies. Minimised by L-BFGS with backtracking
 * (Nocedal and Wright 2006, algorithms 7.4 and 7.5). Nothing is random, and the order of all sums
 * is fixed.
 */
final class LogisticRegression {
  private static final Kernels KERNELS = Kernels.BEST;
  private static final int MOST_STEPS = 300;
  private static final int MEMORY = 10;
  private static final int MOST_HALVINGS = 30;

  /** Largest element of the gradient, for each row, at which the minimum is reached. */
  private static final double TOLERANCE = 1e-4;

  private final MemorySegment table; // F32 [.., D]
  private final int size; // D
  private final int[] rows;
  private final boolean[] labels; // of the rows
  private final double penalty;
  private final MemorySegment weights; // F32 [D]
  private final MemorySegment sums; // F32 [D]

  private LogisticRegression(
      Tensor table, int[] rows, boolean[] labels, double penalty, Tensor scratch) {
    this.table = table.segment();
    this.size = Math.toIntExact(table.size(1));
    this.rows = rows;
    this.labels = labels;
    this.penalty = penalty;
    this.weights = scratch.segment().asSlice(0, 4L * size);
    this.sums = scratch.segment().asSlice(4L * size);
  }

  /**
   * Fits some rows of a table.
   *
   * @param table F32 [.., D] on the CPU, gapless; borrowed
   * @param labels of the rows chosen
   * @param start where to begin, [D + 1], the bias last
   * @return w and then b, [D + 1]
   */
  static double[] fit(Tensor table, int[] rows, boolean[] labels, double penalty, double[] start) {
    if (rows.length != labels.length || rows.length == 0) {
      throw new IllegalArgumentException(
          "expected a label for each of 1 or more rows, got %d for %d"
              .formatted(labels.length, rows.length));
    }
    if (!(penalty > 0)) {
      throw new IllegalArgumentException("expected a penalty above 0, got " + penalty);
    }
    try (TensorScope _ = TensorScope.open()) {
      Tensor scratch = Tensors.empty(DType.F32, Device.CPU, 2 * table.size(1));
      return new LogisticRegression(table, rows, labels, penalty, scratch).minimise(start);
    }
  }

  /** The loss of some rows at parameters [D + 1], without the penalty. */
  static double loss(Tensor table, int[] rows, boolean[] labels, double[] at) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor scratch = Tensors.empty(DType.F32, Device.CPU, 2 * table.size(1));
      return new LogisticRegression(table, rows, labels, 0, scratch).loss(at, at.clone());
    }
  }

  /** The loss, whose gradient is written. */
  private double loss(double[] at, double[] gradient) {
    for (int j = 0; j < size; j++) {
      weights.setAtIndex(ValueLayout.JAVA_FLOAT, j, (float) at[j]);
    }
    float[] scores = new float[rows.length];
    KERNELS.dots(weights, 0, table, rows, 0, rows.length, size, scores);
    double loss = 0;
    double residuals = 0;
    for (int i = 0; i < scores.length; i++) {
      double z = scores[i] + at[size];
      double margin = labels[i] ? z : -z;
      loss += Math.max(-margin, 0) + Math.log1p(Math.exp(-Math.abs(z)));
      double residual = 1 / (1 + Math.exp(-z)) - (labels[i] ? 1 : 0);
      residuals += residual;
      scores[i] = (float) residual;
    }
    sums.fill((byte) 0);
    KERNELS.addRows(sums, 0, table, rows, scores, 0, rows.length, size);
    for (int j = 0; j < size; j++) {
      gradient[j] = sums.getAtIndex(ValueLayout.JAVA_FLOAT, j) + penalty * at[j];
      loss += penalty / 2 * at[j] * at[j];
    }
    gradient[size] = residuals;
    return loss;
  }

  /** A step of L-BFGS and what the gradient did on it. */
  @SuppressWarnings("ArrayRecordComponent") // two columns of numbers; never compared
  private record Pair(double[] step, double[] change, double curvature) {}

  /** Parameters with the loss and the gradient there. */
  @SuppressWarnings("ArrayRecordComponent") // two columns of numbers; never compared
  private record Point(double[] at, double[] gradient, double loss) {}

  private Point point(double[] at) {
    double[] gradient = new double[size + 1];
    return new Point(at, gradient, loss(at, gradient));
  }

  private double[] minimise(double[] start) {
    Point here = point(start.clone());
    Deque<Pair> memory = new ArrayDeque<>(); // newest first
    for (int i = 0; i < MOST_STEPS && largest(here.gradient) > TOLERANCE * rows.length; i++) {
      double[] direction = direction(here.gradient, memory);
      double slope = dot(direction, here.gradient);
      double length = memory.isEmpty() ? Math.min(1, 1 / Math.sqrt(-slope)) : 1;
      Point next = search(here, direction, slope, length);
      if (next.loss >= here.loss) {
        break; // as near as float32 scores can tell
      }
      remember(memory, minus(next.at, here.at), minus(next.gradient, here.gradient));
      here = next;
    }
    return here.at;
  }

  /** A point down the direction that is low enough for the way (Armijo's condition). */
  private Point search(Point here, double[] direction, double slope, double length) {
    Point next = here;
    for (int halvings = 0; halvings < MOST_HALVINGS; halvings++) {
      double[] at = here.at.clone();
      add(at, length, direction);
      next = point(at);
      if (next.loss <= here.loss + 1e-4 * length * slope) {
        break;
      }
      length /= 2;
    }
    return next;
  }

  private static void remember(Deque<Pair> memory, double[] step, double[] change) {
    double curvature = dot(step, change);
    if (curvature > 1e-12 * dot(change, change)) {
      memory.addFirst(new Pair(step, change, curvature));
      if (memory.size() > MEMORY) {
        memory.removeLast();
      }
    }
  }

  /** −H g, H from the pairs of the last steps (algorithm 7.4); always downhill. */
  private static double[] direction(double[] gradient, Deque<Pair> memory) {
    double[] q = gradient.clone();
    double[] alphas = new double[memory.size()];
    int i = 0;
    for (Pair pair : memory) {
      alphas[i] = dot(pair.step, q) / pair.curvature;
      add(q, -alphas[i++], pair.change);
    }
    double scale =
        memory.isEmpty()
            ? 1
            : memory.getFirst().curvature / dot(memory.getFirst().change, memory.getFirst().change);
    for (int j = 0; j < q.length; j++) {
      q[j] *= scale;
    }
    Iterator<Pair> oldestFirst = memory.descendingIterator();
    while (oldestFirst.hasNext()) {
      Pair pair = oldestFirst.next();
      add(q, alphas[--i] - dot(pair.change, q) / pair.curvature, pair.step);
    }
    return IntStream.range(0, q.length).mapToDouble(j -> -q[j]).toArray();
  }

  private static double largest(double[] values) {
    double largest = 0;
    for (double value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static void add(double[] to, double scale, double[] from) {
    for (int i = 0; i < to.length; i++) {
      to[i] += scale * from[i];
    }
  }

  private static double[] minus(double[] a, double[] b) {
    double[] difference = a.clone();
    add(difference, -1, b);
    return difference;
  }
}
