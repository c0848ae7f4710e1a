package dev.loupe.evaluate;

import dev.loupe.dictionary.Codes;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Indexing;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;

/** On how many tokens each feature fires, over all and over the first tokens. Owns two [F]. */
final class FiringCounts implements AutoCloseable {
  /** Tokens in which a feature that is not dead must fire. */
  static final long FIRST_TOKENS = 100_000;

  private final Tensor all; // I64 [F]
  private final Tensor first; // I64 [F]
  private final long features;

  FiringCounts(long features, Device device) {
    this.features = features;
    this.all = TensorScope.release(Tensors.zeros(DType.I64, device, features));
    this.first = TensorScope.release(Tensors.zeros(DType.I64, device, features));
  }

  /**
   * Adds some tokens.
   *
   * @param offsets those of the codes
   * @param start tokens of the whole corpus before them
   */
  void add(Codes codes, int[] offsets, long start) {
    try (TensorScope _ = TensorScope.open()) {
      int early = Math.clamp(FIRST_TOKENS - start, 0, offsets.length - 1);
      if (early > 0) {
        Tensor indices = codes.indices().narrow(0, 0, offsets[early]);
        Arithmetic.addInPlace(first, Indexing.counts(indices, features));
      }
      Arithmetic.addInPlace(all, Indexing.counts(codes.indices(), features));
    }
  }

  Firings firings() {
    return new Firings(all.longs(), first.longs());
  }

  @Override
  public void close() {
    all.close();
    first.close();
  }
}
