package dev.loupe.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loupe.safetensors.Comparison;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.text.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A real model of 135 M parameters against transformers (golden/make_smollm2.py). */
@Tag("smollm2")
@ExtendWith(LeakCheck.class)
final class SmolLm2Test {
  private static final Path REFERENCES = TinyModels.GOLDEN.resolve("smollm2");

  /**
   * The begin token's residual reaches 24,894 in block 14, where a float32 step is 0.002 and the
   * standard deviation 93: a few steps are above {@link Comparison#LIMIT}. Measured 0.8e-4 to
   * 1.1e-4 there and 3.0e-4 to 3.4e-4 in block 29, by the number of BLAS threads.
   */
  private static final double RESIDUAL_LIMIT = 5e-4;

  private static final Path MODEL = Path.of(System.getProperty("loupe.smollm2", ""));

  @BeforeAll
  static void modelIsThere() {
    assertThat(Files.isRegularFile(MODEL.resolve("model.safetensors")))
        .as(
            "expected SmolLM2 in the folder '%s' (property loupe.smollm2); make it with"
                + " build/smollm2",
            MODEL)
        .isTrue();
  }

  @Test
  void shortContextIsTransformers() {
    List<Comparison> found = compare("short.safetensors");
    assertThat(found).hasSize(1 + 4 * 3);
    assertThat(found)
        .allSatisfy(comparison -> {
          if (comparison.name().equals("nll")) {
            assertThat(comparison.maxError()).isLessThan(2e-3);
          } else {
            assertThat(comparison.relativeError())
                .as(comparison.name())
                .isLessThan(isResidual(comparison) ? RESIDUAL_LIMIT : Comparison.LIMIT);
          }
        });
  }

  @Test
  void lossesOfALongContextAreTransformers() {
    List<Comparison> found = compare("long.safetensors");
    assertThat(found).extracting(Comparison::name).containsExactly("nll");
    assertThat(found.getFirst().maxError()).isLessThan(2e-3);
  }

  @Test
  void tokenizerFits() {
    try (Tokenizer tokenizer = Tokenizer.load(MODEL)) {
      ModelFolder.checkTokenizer(LlamaConfig.read(MODEL), tokenizer);
    }
  }

  private static boolean isResidual(Comparison comparison) {
    return comparison.name().endsWith("hook_resid_post");
  }

  private static List<Comparison> compare(String reference) {
    try (Llama model = Llama.load(MODEL, DType.F32, Device.CPU)) {
      return ModelDoctor.check(model, REFERENCES.resolve(reference));
    }
  }
}
