package dev.loupe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.loupe.model.Llama;
import dev.loupe.model.ModelFolder;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.LeakCheck;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakCheck.class)
final class ForwardBenchTest {
  @Test
  void saysWhatItRan() {
    try (Llama model =
        Llama.load(ModelFolder.resolve("demo").directory(), DType.BF16, Device.CPU)) {
      ForwardBench.Result result = ForwardBench.run(model, ForwardBench.Shape.parse("3x17"), 2);
      assertThat(result.shape()).isEqualTo("3x17");
      assertThat(result.dtype()).isEqualTo("bfloat16");
      assertThat(result.repeats()).isEqualTo(2);
      assertThat(result.fastestSeconds()).isPositive().isLessThanOrEqualTo(result.medianSeconds());
      assertThat(result.tokensPerSecond() * result.medianSeconds())
          .isCloseTo(3 * 17, Offset.offset(1e-6));
      assertThat(result.peakBytes()).isGreaterThan(1 << 20);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "8", "8x", "x256", "0x256", "8x0", "-8x256", "8 x 256", "8x256x2"})
  void shapesAreContextsAndPositions(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ForwardBench.Shape.parse(text))
        .withMessageContaining("expected");
  }
}
