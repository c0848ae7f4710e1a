package dev.loupe.train;

import dev.loupe.activation.ActivationCache;
import dev.loupe.tensor.DType;
import java.util.Optional;

/**
 * How activations are kept between the language model and the dictionaries.
 *
 * @param bytes of the shuffle buffer, at most
 * @param dtype that it holds them in
 * @param cache of all of them on disk, for another run
 */
public record BufferSetup(long bytes, DType dtype, Optional<ActivationCache.Place> cache) {
  public BufferSetup {
    if (dtype != DType.F32 && dtype != DType.BF16) {
      throw new IllegalArgumentException(
          "expected a buffer of float32 or bfloat16, got " + dtype.torchName());
    }
    if (cache.isPresent() && dtype != ActivationCache.DTYPE) {
      throw new IllegalArgumentException(
          "expected a buffer of %s with an activation cache, whose rows are rounded to that, got %s"
              .formatted(ActivationCache.DTYPE.torchName(), dtype.torchName()));
    }
  }

  /** The same with another bound. */
  public BufferSetup withBytes(long other) {
    return new BufferSetup(other, dtype, cache);
  }

  /** A buffer of float32, and no cache. */
  public static BufferSetup of(long bytes) {
    return new BufferSetup(bytes, DType.F32, Optional.empty());
  }
}
