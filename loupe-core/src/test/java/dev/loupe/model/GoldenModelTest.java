package dev.loupe.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loupe.safetensors.Comparison;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.LeakCheck;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against tensors that transformers computed (golden/make_models.py). */
@ExtendWith(LeakCheck.class)
final class GoldenModelTest {
  static final Path GOLDEN = Path.of("src/test/resources/golden");

  @ParameterizedTest
  @ValueSource(strings = {"llama31", "llama-tied"})
  void everyTensorIsTransformers(String name) {
    Path folder = GOLDEN.resolve(name);
    try (Llama model = Llama.load(folder, DType.F32, Device.CPU)) {
      List<Comparison> found = ModelDoctor.check(model, folder.resolve("reference.safetensors"));
      assertThat(found).hasSize(1 + 4 * model.config().layers());
      assertThat(found).allMatch(Comparison::passes);
    }
  }
}
