package dev.loupe.interpret;

import dev.loupe.model.Llama;
import dev.loupe.model.NextToken;
import dev.loupe.model.Probe;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import dev.loupe.text.Tokenizer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * How much less a language model on this machine is surprised by a passage if it has read the
 * explanation: a good one helps where the feature is active and not elsewhere. Asks nobody. Borrows
 * model and tokenizer; one thread at a time.
 */
public final class Surprisal {
  private final Llama model;
  private final Tokenizer tokenizer;
  private final Map<String, Double> alone = new HashMap<>(); // loss of a passage without help

  public Surprisal(Llama model, Tokenizer tokenizer) {
    this.model = model;
    this.tokenizer = tokenizer;
  }

  /**
   * What an explanation is worth to the model.
   *
   * @param auc that it helps more with an active passage than with a silent one, ties half
   * @param active passages, and silent ones
   */
  public record Score(Interval auc, int active, int silent) {
    /** As it is kept. */
    Measured measured() {
      return new Measured(EmbeddingScorer.MEASURE, auc.kept(), active, silent, 0, List.of());
    }
  }

  public Score score(String explanation, List<Example> items, long seed) {
    double[] active = gains(explanation, items.stream().filter(Example::active).toList());
    double[] silent = gains(explanation, items.stream().filter(item -> !item.active()).toList());
    return new Score(Numbers.auc(active, silent, seed), active.length, silent.length);
  }

  private double[] gains(String explanation, List<Example> items) {
    return items.stream().mapToDouble(item -> gain(explanation, item)).toArray();
  }

  /** Nats a token. */
  private double gain(String explanation, Example item) {
    String passage = item.plain();
    double without = alone.computeIfAbsent(passage, text -> loss(introduction(""), text));
    return without - loss(introduction(" " + explanation), passage);
  }

  private static String introduction(String explanation) {
    return "The next text is about this:" + explanation + "\n\n";
  }

  /** Mean loss of the tokens of a passage after a text, in nats. Each is encoded for itself. */
  double loss(String before, String passage) {
    int[] prefix = tokenizer.encode(before).ids();
    int[] tokens = tokenizer.encode(passage).ids();
    int[] ids = new int[1 + prefix.length + tokens.length];
    ids[0] = tokenizer.special().documentStart();
    System.arraycopy(prefix, 0, ids, 1, prefix.length);
    System.arraycopy(tokens, 0, ids, 1 + prefix.length, tokens.length);
    try (TensorScope _ = TensorScope.open()) {
      Tensor row = Tensors.of(Arrays.stream(ids).asLongStream().toArray(), 1, ids.length);
      Tensor residual = model.forward(row, model.config().layers(), Probe.NONE);
      float[] losses = NextToken.losses(model, residual, row).floats();
      // the loss at a place is of the token after it
      return IntStream.range(prefix.length, losses.length)
          .mapToDouble(i -> losses[i])
          .average()
          .orElse(0);
    }
  }
}
