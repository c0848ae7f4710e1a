package dev.loupe.evaluate;

import dev.loupe.dictionary.Codes;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Indexing;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.util.Arrays;

/** On how many tokens each feature fires, over all and over the first tokens. Owns two [F]. */
final class FiringCounts implements AutoCloseable {
  /** Tokens in which a feature that is not dead must fire. */
  static final long FIRST_TOKENS = 100_000;

  private static final double ULTRA_ACTIVE = 0.1;

  private final Tensor all; // I64 [F]
  private final Tensor first; // I64 [F]
  private final long features;
  private long tokens;

  FiringCounts(long features, Device device) {
    this.features = features;
    this.all = TensorScope.release(Tensors.zeros(DType.I64, device, features));
    this.first = TensorScope.release(Tensors.zeros(DType.I64, device, features));
  }

  /**
   * Adds the next tokens.
   *
   * @param offsets those of the codes
   */
  void add(Codes codes, int[] offsets) {
    try (TensorScope _ = TensorScope.open()) {
      int early = Math.clamp(FIRST_TOKENS - tokens, 0, offsets.length - 1);
      if (early > 0) {
        Tensor indices = codes.indices().narrow(0, 0, offsets[early]);
        Arithmetic.addInPlace(first, Indexing.counts(indices, features));
      }
      Arithmetic.addInPlace(all, Indexing.counts(codes.indices(), features));
      tokens += offsets.length - 1;
    }
  }

  /** A resample of documents always misses features that fire: no interval. */
  Metric deadFraction() {
    if (tokens < FIRST_TOKENS) {
      return Metric.none(tokens);
    }
    long dead = Arrays.stream(first.longs()).filter(count -> count == 0).count();
    return Metric.plain((double) dead / features, FIRST_TOKENS);
  }

  /** A count of features, not a mean over documents: no interval. */
  Metric ultraActiveFraction() {
    long often = Arrays.stream(all.longs()).filter(count -> count > ULTRA_ACTIVE * tokens).count();
    return Metric.plain((double) often / features, tokens);
  }

  @Override
  public void close() {
    all.close();
    first.close();
  }
}
