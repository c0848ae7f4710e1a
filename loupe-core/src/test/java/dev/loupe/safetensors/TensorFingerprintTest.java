package dev.loupe.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
class TensorFingerprintTest {
  private static final int EDGE = 1 << 16;

  @TempDir Path directory;

  @Test
  void shardingDoesNotMatter() {
    Path whole = directory.resolve("model.safetensors");
    try (TensorScope _ = TensorScope.open();
        TensorSource shards = TensorSource.openModel(Golden.LLAMA31)) {
      SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
      shards.names().forEach(name -> tensors.putFirst(name, shards.read(name)));
      SafetensorsWriter.write(whole, tensors, Map.of("other", "metadata"));
      try (TensorSource one = SafetensorsFile.open(whole)) {
        assertThat(TensorFingerprint.of(one, "x"))
            .hasSize(64)
            .isEqualTo(TensorFingerprint.of(shards, "x"))
            .isNotEqualTo(TensorFingerprint.of(shards, "y"));
      }
    }
  }

  @Test
  void nameTypeShapeAndBothEdgesMatter() {
    String plain = of("a", 0, DType.U8, 3L * EDGE);
    assertThat(of("a", 0, DType.U8, 3L * EDGE)).isEqualTo(plain);
    assertThat(of("b", 0, DType.U8, 3L * EDGE)).isNotEqualTo(plain);
    assertThat(of("a", 0, DType.I8, 3L * EDGE)).isNotEqualTo(plain);
    assertThat(of("a", 0, DType.U8, 3, EDGE)).isNotEqualTo(plain);
    assertThat(of("a", EDGE - 1, DType.U8, 3L * EDGE)).isNotEqualTo(plain);
    assertThat(of("a", 2 * EDGE, DType.U8, 3L * EDGE)).isNotEqualTo(plain);
    assertThat(of("a", 2 * EDGE - 1, DType.U8, 3L * EDGE))
        .isNotEqualTo(of("a", EDGE - 1, DType.U8, 3L * EDGE));
  }

  /** Of one tensor of zeros, the byte at {@code marked} set to one unless that is 0. */
  private String of(String name, int marked, DType dtype, long... shape) {
    Path path = directory.resolve("one.safetensors");
    try (TensorScope _ = TensorScope.open()) {
      Tensor tensor = Tensors.zeros(dtype, Device.CPU, shape);
      tensor.segment().set(ValueLayout.JAVA_BYTE, marked, (byte) (marked == 0 ? 0 : 1));
      SafetensorsWriter.write(path, new LinkedHashMap<>(Map.of(name, tensor)), Map.of());
    }
    try (TensorSource source = SafetensorsFile.open(path)) {
      return TensorFingerprint.of(source, "");
    }
  }
}
