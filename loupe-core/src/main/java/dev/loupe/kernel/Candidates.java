package dev.loupe.kernel;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The features that may belong to one token's code, ascending, with their screened scores: a
 * running selection of the k best. When it is full, {@link #shrink} drops what can no longer be one
 * of them.
 *
 * <p>Without a k (0) everything above the threshold stays, and shrinking makes room instead.
 */
public final class Candidates {
  private final int k;
  private int[] features;
  private float[] scores;
  private float[] lowest; // scores less their errors, while shrinking
  private int count;
  private float threshold;

  /**
   * @param k scores to keep, or 0 for all above the threshold
   * @param threshold that a score must exceed
   */
  public Candidates(int k, float threshold) {
    this.k = k;
    this.threshold = threshold;
    int room = 4 * k + 64;
    this.features = new int[room];
    this.scores = new float[room];
    this.lowest = new float[room];
  }

  /** The features, ascending; valid up to {@link #count}. */
  public int[] features() {
    return features;
  }

  public int count() {
    return count;
  }

  /** What a score must exceed to matter. */
  public float threshold() {
    return threshold;
  }

  /** Whether there is no room for another vector of features. */
  public boolean isFull() {
    return count + VectorKernels.MOST_LANES > features.length;
  }

  /** Raises the threshold to what the k best of a first row of products reach, if it has k. */
  public void raise(MemorySegment products, long at, int first, int end, Bounds bounds) {
    if (k > 0) {
      float reached = Kernels.BEST.reached(products, at, first, end, bounds, k);
      threshold = Math.max(threshold, Math.nextDown(reached));
    }
  }

  /** Appends a feature; there must be room. */
  public void add(int feature, float score) {
    features[count] = feature;
    scores[count++] = score;
  }

  /**
   * Raises the threshold to what k scores exceed even if each is off by its error, and drops what
   * cannot reach that. Makes room where little was dropped.
   */
  public void shrink(Bounds bounds) {
    if (k > 0 && count > k) {
      for (int i = 0; i < count; i++) {
        lowest[i] = scores[i] - error(features[i], scores[i], bounds);
      }
      threshold = Math.max(threshold, Math.nextDown(Kernels.BEST.largest(lowest, count, k)));
      int kept = 0;
      for (int i = 0; i < count; i++) {
        if (2 * scores[i] - lowest[i] > threshold) {
          features[kept] = features[i];
          scores[kept++] = scores[i];
        }
      }
      count = kept;
    }
    if (count > features.length / 2) {
      int room = 2 * features.length;
      features = Arrays.copyOf(features, room);
      scores = Arrays.copyOf(scores, room);
      lowest = new float[room];
    }
  }

  private static float error(int feature, float score, Bounds bounds) {
    float size = Math.abs(score - bounds.offsets()[feature]); // |product| · norm
    return size * bounds.relative() + bounds.token() * bounds.margins()[feature];
  }
}
