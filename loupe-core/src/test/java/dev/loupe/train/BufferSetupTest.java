package dev.loupe.train;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loupe.activation.ActivationCache;
import dev.loupe.tensor.DType;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class BufferSetupTest {
  @Test
  void aCacheNeedsARoundedBuffer() {
    Optional<ActivationCache.Place> cache =
        Optional.of(new ActivationCache.Place(Path.of("cache"), 1));
    assertThatThrownBy(() -> new BufferSetup(1, DType.F32, cache))
        .hasMessageContaining("expected a buffer of bfloat16 with an activation cache")
        .hasMessageContaining("got float32");
  }

  @Test
  void otherTypesAreRefused() {
    assertThatThrownBy(() -> new BufferSetup(1, DType.F16, Optional.empty()))
        .hasMessage("expected a buffer of float32 or bfloat16, got float16");
  }
}
