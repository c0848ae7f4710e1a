package dev.loupe.dictionary;

import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.util.List;

/**
 * Finds the JumpReLU threshold with which K features fire per token on average: the (n · K)-th
 * largest score over n tokens (paper, section 3.3.4). Exact, in one pass over batches, in memory of
 * a few times n · K numbers. Owns them until closed; borrows the dictionary.
 */
public final class Calibration implements AutoCloseable {
  /**
   * Tokens that are encoded at once. Before there is a floor every positive feature counts: 2,048
   * tokens of 8,192 features took 1.7 GB more (docs/benchmarks/planner.md).
   */
  private static final int PIECE = 64;

  private final Dictionary dictionary;
  private final long k;
  private final long limit;
  private Tensor best;
  private double floor; // scores up to here can no longer matter
  private long tokens;

  /**
   * @param expectedTokens number of tokens that will be added, at most
   */
  public Calibration(Dictionary dictionary, long k, long expectedTokens) {
    this.dictionary = dictionary;
    this.k = k;
    if (k < 1 || k > dictionary.features()) {
      throw new IllegalArgumentException(
          "expected K of 1 to " + dictionary.features() + " features, got " + k);
    }
    this.limit = Math.multiplyExact(expectedTokens, k);
    this.best = TensorScope.release(Tensors.zeros(DType.F32, Device.CPU, 0));
  }

  /** Adds raw inputs [n, D in]. */
  public void add(Tensor rows) {
    tokens += rows.size(0);
    if (tokens * k > limit) {
      throw new IllegalStateException("expected at most " + limit / k + " tokens, got " + tokens);
    }
    for (long from = 0; from < rows.size(0); from += PIECE) {
      try (TensorScope _ = TensorScope.open()) {
        Tensor piece = rows.narrow(0, from, Math.min(PIECE, rows.size(0) - from));
        Tensor candidates = dictionary.rawScoresAbove(piece, floor);
        keep(Tensors.concat(List.of(best, candidates.to(Device.CPU)), 0));
      }
    }
  }

  private void keep(Tensor candidates) {
    Tensor kept = candidates;
    if (candidates.elements() > 2 * limit) {
      kept = Reductions.largest(candidates, limit).values();
      floor = kept.narrow(0, limit - 1, 1).item();
    }
    best.close();
    best = TensorScope.release(kept);
  }

  /** The threshold over the tokens added so far; 0 where fewer than n · K scores are above zero. */
  public double threshold() {
    long wanted = tokens * k;
    if (wanted == 0) {
      throw new IllegalStateException("no tokens to calibrate on");
    }
    if (best.elements() < wanted) {
      return 0;
    }
    try (TensorScope _ = TensorScope.open()) {
      return Reductions.largest(best, wanted).values().narrow(0, wanted - 1, 1).item();
    }
  }

  @Override
  public void close() {
    best.close();
  }
}
