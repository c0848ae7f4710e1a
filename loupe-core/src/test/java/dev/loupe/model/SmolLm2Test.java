package dev.loupe.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loupe.safetensors.Comparison;
import dev.loupe.safetensors.SafetensorsFile;
import dev.loupe.safetensors.TensorSource;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import dev.loupe.tensor.Torch;
import dev.loupe.text.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
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

  /**
   * Over both contexts: the logits' rounding moves a token's loss by 0.03, and so the mean of the
   * short context's 127 alone by 0.003. Measured on both: below 0.0002.
   */
  @Test
  void bfloat16HasTheLossesOfTransformersInFloat32() {
    double difference = 0;
    long tokens = 0;
    try (TensorScope _ = TensorScope.open();
        Llama model = Llama.load(MODEL, DType.BF16, Device.CPU)) {
      for (String file : List.of("short.safetensors", "long.safetensors")) {
        try (TensorSource source = SafetensorsFile.open(REFERENCES.resolve(file))) {
          Tensor ids = source.read("input_ids").to(DType.I64);
          Tensor residual = model.forward(ids, model.config().layers(), Probe.NONE);
          Tensor expected = source.read("nll");
          Tensor got = NextToken.losses(model, residual, ids);
          difference += Reductions.total(Arithmetic.subtract(got, expected));
          tokens += expected.elements();
        }
      }
    }
    assertThat(difference / tokens).isBetween(-0.005, 0.005);
  }

  /** Of the sites R, A, M and TC, over the counted positions of two contexts of 256. */
  @Test
  void bfloat16ActivationsAreWithinAHundredthOfFloat32() {
    Set<Hook> hooks = new TreeSet<>();
    for (int layer = 0; layer < LlamaConfig.read(MODEL).layers(); layer++) {
      hooks.add(new Hook(layer, Hook.Point.RESID_POST));
      hooks.add(new Hook(layer, Hook.Point.ATTN_OUT));
      hooks.add(new Hook(layer, Hook.Point.MLP_OUT));
      hooks.add(new Hook(layer, Hook.Point.LN2_NORMALIZED));
    }
    try (TensorScope _ = TensorScope.open();
        TensorSource source = SafetensorsFile.open(REFERENCES.resolve("long.safetensors"));
        Capture exact = new Capture(hooks);
        Capture rough = new Capture(hooks)) {
      Tensor text = source.read("input_ids").to(DType.I64);
      Tensor begin = text.narrow(1, 0, 1).expand(2, 1);
      Tensor ids = Tensors.concat(List.of(begin, text.narrow(1, 1, 510).reshape(2, 255)), 1);
      capture(DType.F32, ids, exact);
      capture(DType.BF16, ids, rough);
      // largest of four contexts: A 0.0073 (block 23), M 0.0092 (14), R 0.0050, TC 0.0038. Where
      // the
      // processor does not multiply bfloat16, the library rounds more on the way: M 0.0101
      double most = Torch.hasFastBfloat16(Device.CPU) ? 0.01 : 0.0125;
      assertThat(hooks)
          .allSatisfy(hook ->
              assertThat(distance(rough.get(hook), exact.get(hook)))
                  .as(hook.toString())
                  .isLessThan(most));
    }
  }

  private static void capture(DType dtype, Tensor ids, Capture capture) {
    try (TensorScope _ = TensorScope.open();
        Llama model = Llama.load(MODEL, dtype, Device.CPU)) {
      model.forward(ids, model.config().layers(), capture);
    }
  }

  /** ‖got − expected‖ / ‖expected‖ without position 0. */
  private static double distance(Tensor got, Tensor expected) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor counted = expected.narrow(1, 1, expected.size(1) - 1);
      Tensor error = Arithmetic.subtract(got.narrow(1, 1, got.size(1) - 1), counted);
      return Math.sqrt(Reductions.totalOfSquares(error) / Reductions.totalOfSquares(counted));
    }
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
