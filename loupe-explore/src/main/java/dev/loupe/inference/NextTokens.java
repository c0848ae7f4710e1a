package dev.loupe.inference;

import dev.loupe.model.Llama;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/** The likeliest next tokens of rows of log-probabilities. */
final class NextTokens {
  static final int SHOWN = 5;

  private NextTokens() {}

  /** log p of each next token, float32 [n, vocabulary], of the innermost scope. */
  static Tensor logProbabilities(Llama model, Tensor residual) {
    return Reductions.logSoftmax(model.logits(residual), 1);
  }

  /**
   * The likeliest of each row.
   *
   * @param logProbabilities [n, vocabulary]
   */
  static List<List<PromptEvent.Likely>> likely(Tokenizer tokenizer, Tensor logProbabilities) {
    try (TensorScope _ = TensorScope.open()) {
      // ids above the tokenizer's mean nothing
      long ids = Math.min(tokenizer.size(), logProbabilities.size(1));
      Reductions.Largest largest =
          Reductions.largest(logProbabilities.narrow(1, 0, ids), Math.min(SHOWN, ids));
      float[] values = largest.values().floats();
      long[] indices = largest.indices().longs();
      int each = (int) largest.values().size(1);
      List<List<PromptEvent.Likely>> all = new ArrayList<>();
      for (int row = 0; row < logProbabilities.size(0); row++) {
        List<PromptEvent.Likely> likely = new ArrayList<>();
        for (int i = row * each; i < (row + 1) * each; i++) {
          int id = (int) indices[i];
          likely.add(new PromptEvent.Likely(id, tokenizer.piece(id), Math.exp(values[i])));
        }
        all.add(List.copyOf(likely));
      }
      return all;
    }
  }
}
