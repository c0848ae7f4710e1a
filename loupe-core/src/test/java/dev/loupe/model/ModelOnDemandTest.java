package dev.loupe.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.text.BundledFiles;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
final class ModelOnDemandTest {
  private static final Path DEMO = BundledFiles.model("demo").orElseThrow();

  @Test
  void saysWhatTheLoadedModelSays() {
    ModelOnDemand model = new ModelOnDemand(DEMO, DType.F32, Device.CPU);
    try (model) {
      assertThat(model.isLoaded()).isFalse();
      String fingerprint = model.fingerprint();
      Llama loaded = model.get();
      assertThat(loaded.fingerprint()).isEqualTo(fingerprint);
      assertThat(loaded.config()).isEqualTo(model.config());
      assertThat(model.get()).isSameAs(loaded);
      assertThat(model.isLoaded()).isTrue();
    }
    model.close();
    assertThatThrownBy(model::get)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is closed");
  }

  @Test
  void missingFilesAreFoundAtOnce(@TempDir Path empty) {
    assertThatThrownBy(() -> new ModelOnDemand(empty, DType.F32, Device.CPU))
        .hasMessageContaining(empty.toString());
  }
}
