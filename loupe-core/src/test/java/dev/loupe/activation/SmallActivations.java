package dev.loupe.activation;

import dev.loupe.model.Hook;
import dev.loupe.model.ModelOnDemand;
import dev.loupe.model.SmallModel;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.DemoSample;
import dev.loupe.text.LongDocuments;
import dev.loupe.text.Progress;
import dev.loupe.text.Split;
import dev.loupe.text.TokenCorpus;
import dev.loupe.text.TokenRequest;
import dev.loupe.text.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** The bundled model on a little text, in small batches. */
final class SmallActivations {
  static final Hook MIDDLE = Hook.parse("blocks.1.hook_resid_post");
  static final Hook MLP = Hook.parse("blocks.1.hook_mlp_out");
  static final Set<Hook> HOOKS = Set.of(MIDDLE, MLP);

  private static final Path MODEL = SmallModel.folder().directory();

  private SmallActivations() {}

  static ModelOnDemand model() {
    return new ModelOnDemand(MODEL, DType.F32, Device.CPU);
  }

  static TokenCorpus corpus(long tokens) {
    TokenRequest request =
        new TokenRequest(Split.TRAIN, tokens, 1, 64, LongDocuments.SPLIT, 1, 200, false);
    try (Tokenizer tokenizer = Tokenizer.load(MODEL)) {
      return TokenCorpus.open(
          CorpusSpec.parse(DemoSample.wordnet()), tokenizer, request, Progress.NONE);
    }
  }

  /** Everything of some activations, token by token. */
  static List<List<Object>> rows(Activations activations) {
    List<List<Object>> rows = new ArrayList<>();
    try (TensorScope _ = TensorScope.open()) {
      List<float[]> values =
          activations.rows().keySet().stream()
              .sorted()
              .map(activations::at)
              .map(Tensor::floats)
              .toList();
      for (int i = 0; i < activations.tokens(); i++) {
        List<Object> row = new ArrayList<>();
        row.add(activations.contexts()[i]);
        row.add(activations.positions()[i]);
        row.add(activations.ids()[i]);
        int token = i;
        for (float[] hook : values) {
          int d = hook.length / activations.tokens();
          row.add(Arrays.toString(Arrays.copyOfRange(hook, token * d, (token + 1) * d)));
        }
        rows.add(row);
      }
    }
    return rows;
  }
}
