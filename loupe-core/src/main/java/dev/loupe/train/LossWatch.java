package dev.loupe.train;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * What loss is usual: the median of the last {@value #WINDOW} updates, infinite before there are
 * {@value #NEEDED}. A median, because one spike must not hide the next; of few, because the loss
 * falls, and rises while K anneals.
 */
final class LossWatch {
  static final int WINDOW = 64;
  static final int NEEDED = 16;

  private final Deque<Double> losses;

  /**
   * @param losses of the last updates, oldest first
   */
  LossWatch(List<Double> losses) {
    this.losses = new ArrayDeque<>(losses);
  }

  double usual() {
    double[] sorted = losses.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return sorted.length < NEEDED ? Double.POSITIVE_INFINITY : sorted[sorted.length / 2];
  }

  void add(double loss) {
    losses.addLast(loss);
    if (losses.size() > WINDOW) {
      losses.removeFirst();
    }
  }

  /** After a change that makes other losses usual. */
  void forget() {
    losses.clear();
  }

  /** Of the last updates, oldest first: what resuming needs. */
  List<Double> losses() {
    return List.copyOf(losses);
  }
}
