package dev.loupe.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.LongDocuments;
import dev.loupe.text.Progress;
import dev.loupe.text.Split;
import dev.loupe.text.TokenBatch;
import dev.loupe.text.TokenCorpus;
import dev.loupe.text.TokenRequest;
import dev.loupe.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The bundled model has learnt its corpus; its re-drawn twin has not. */
@ExtendWith(LeakCheck.class)
final class DemoModelTest {
  private static final int CONTEXTS = 20;

  @Test
  void predictsHeldOutTextFarBetterThanItsRedrawnTwin() {
    ModelFolder demo = ModelFolder.resolve("demo");
    List<TokenBatch> batches = heldOut(demo);
    assertThat(meanLoss(demo, batches)).isBetween(2.9, 3.8);
    assertThat(meanLoss(ModelFolder.resolve("demo-random"), batches)).isGreaterThan(6);
  }

  @Test
  void bfloat16IsClose() {
    ModelFolder demo = ModelFolder.resolve("demo");
    TokenBatch batch = heldOut(demo).getFirst();
    try (TensorScope _ = TensorScope.open();
        Llama exact = Llama.load(demo.directory(), DType.F32, Device.CPU);
        Llama rough = Llama.load(demo.directory(), DType.BF16, Device.CPU)) {
      Tensor ids = ids(batch);
      int layers = exact.config().layers();
      Tensor reference = exact.forward(ids, layers, Probe.NONE);
      Tensor error = Arithmetic.subtract(rough.forward(ids, layers, Probe.NONE), reference);
      assertThat(Reductions.totalOfSquares(error) / Reductions.totalOfSquares(reference))
          .isLessThan(0.02 * 0.02);
    }
  }

  /** Twenty contexts, each alone in its batch. */
  private static List<TokenBatch> heldOut(ModelFolder demo) {
    TokenRequest request =
        new TokenRequest(Split.HELD_OUT, 256 * CONTEXTS, 1, 256, LongDocuments.SPLIT, 0, 1, false);
    List<TokenBatch> batches = new ArrayList<>();
    try (Tokenizer tokenizer = Tokenizer.load(demo.directory());
        TokenCorpus corpus =
            TokenCorpus.open(CorpusSpec.parse("demo"), tokenizer, request, Progress.NONE)) {
      for (int i = 0; i < CONTEXTS; i++) {
        batches.add(corpus.batch(i));
      }
    }
    return batches;
  }

  private static Tensor ids(TokenBatch batch) {
    return Tensors.of(batch.ids(), 1, batch.positions()).to(DType.I64);
  }

  /** Over positions whose input and target both count. */
  private static double meanLoss(ModelFolder folder, List<TokenBatch> batches) {
    double sum = 0;
    int count = 0;
    try (Llama model = Llama.load(folder.directory(), DType.F32, Device.CPU)) {
      for (TokenBatch batch : batches) {
        try (TensorScope _ = TensorScope.open()) {
          Tensor ids = ids(batch);
          Tensor residual = model.forward(ids, model.config().layers(), Probe.NONE);
          float[] losses = NextToken.losses(model, residual, ids).floats();
          for (int p = 0; p < losses.length; p++) {
            if (batch.counted()[p] && batch.counted()[p + 1]) {
              sum += losses[p];
              count++;
            }
          }
        }
      }
    }
    return sum / count;
  }
}
