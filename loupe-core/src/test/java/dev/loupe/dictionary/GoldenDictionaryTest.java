package dev.loupe.dictionary;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loupe.safetensors.Comparison;
import dev.loupe.tensor.LeakCheck;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against float64 arithmetic on published folders (golden/make_sae.py). */
@ExtendWith(LeakCheck.class)
final class GoldenDictionaryTest {
  static final Path GOLDEN = Path.of("src/test/resources/golden/sae");

  @ParameterizedTest
  @ValueSource(strings = {"Llama3_1-8B-Base-L1R-8x", "Llama3_1-8B-Base-L1TC-8x"})
  void everyTensorIsTheReference(String name) {
    Path folder = GOLDEN.resolve(name);
    List<Comparison> found =
        DictionaryDoctor.check(folder, folder.resolve("reference.safetensors"));
    assertThat(found).hasSize(13);
    assertThat(found).allMatch(Comparison::passes);
  }
}
