package dev.loupe.cli;

import dev.loupe.activation.ActivationCache;
import dev.loupe.tensor.DType;
import dev.loupe.train.BufferSetup;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How activations are kept between the model and the dictionaries. */
@Heading("Buffer and activations on disk")
final class BufferOptions {
  private static final long DEFAULT_CACHE_BYTES = 20_000_000_000L;

  @Option(
      names = "--buffer-bytes",
      paramLabel = "BYTES",
      description = "memory of the shuffle buffer (default: a quarter of what is free)")
  private @Nullable Quantity bytes;

  @Option(
      names = "--buffer-dtype",
      paramLabel = "TYPE",
      description =
          "what the buffer holds activations in: float32, or bfloat16 for twice as many (default:"
              + " float32; bfloat16 with --activation-cache)")
  private @Nullable String dtype;

  @Option(
      names = "--activation-cache",
      paramLabel = "DIR",
      description = "keep activations there, so that another run needs no pass of the model")
  private @Nullable Path cache;

  @Option(
      names = "--activation-cache-bytes",
      paramLabel = "BYTES",
      description = "of all files in DIR, at most (default: 20G)")
  private @Nullable Quantity cacheBytes;

  /**
   * The setup.
   *
   * @param freeBytes of memory
   */
  BufferSetup setup(long freeBytes) {
    return new BufferSetup(
        bytes == null ? freeBytes / 4 : bytes.value(),
        dtype == null ? (cache == null ? DType.F32 : ActivationCache.DTYPE) : DType.parse(dtype),
        place());
  }

  private Optional<ActivationCache.Place> place() {
    if (cache == null) {
      if (cacheBytes != null) {
        throw new IllegalArgumentException(
            "expected --activation-cache DIR with --activation-cache-bytes, got none");
      }
      return Optional.empty();
    }
    long most = cacheBytes == null ? DEFAULT_CACHE_BYTES : cacheBytes.value();
    return Optional.of(new ActivationCache.Place(cache, most));
  }
}
