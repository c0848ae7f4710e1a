package dev.loupe.activation;

import dev.loupe.model.Hook;
import dev.loupe.model.Llama;
import dev.loupe.tensor.Indexing;
import dev.loupe.tensor.Team;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import dev.loupe.text.TokenBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * A pass of the language model over a corpus whose tokens come in the corpus's own order, whatever
 * its batches are. Batches run side by side ({@link Team}). Borrows the model.
 *
 * @param losses whether the losses of the next tokens are wanted, for which all layers run
 */
public record OrderedPass(Llama model, CorpusContexts contexts, Set<Hook> hooks, boolean losses) {
  public OrderedPass {
    hooks = Set.copyOf(hooks);
  }

  /** Activations of the counted tokens of a range of contexts; the caller owns them. */
  public Activations read(int from, int to) {
    List<Activations> parts = Collections.synchronizedList(new ArrayList<>());
    try {
      Team.forEach(contexts.batches(from, to), batch -> parts.add(run(batch)));
      parts.sort(Comparator.comparingInt(part -> part.contexts()[0]));
      return ordered(parts);
    } finally {
      parts.forEach(Activations::close);
    }
  }

  private Activations run(TokenBatch batch) {
    return losses
        ? Capturing.withLosses(model, batch, hooks)
        : Capturing.activations(model, batch, hooks);
  }

  private Activations ordered(List<Activations> parts) {
    int[] contextOf = ints(parts, Activations::contexts);
    int[] order =
        IntStream.range(0, contextOf.length)
            .boxed()
            .sorted(Comparator.comparingInt(i -> contextOf[i])) // positions keep their order
            .mapToInt(i -> i)
            .toArray();
    Map<Hook, Tensor> rows = new TreeMap<>();
    try (TensorScope _ = TensorScope.open()) {
      Tensor index = Tensors.of(order, order.length).to(model.device());
      for (Hook hook : hooks) {
        rows.put(hook, ordered(hook, parts, index));
      }
    }
    float[] allLosses = new float[losses ? order.length : 0];
    int at = 0;
    for (Activations part : parts) {
      System.arraycopy(part.losses(), 0, allLosses, at, part.losses().length);
      at += part.losses().length;
    }
    return new Activations(
        rows,
        pick(contextOf, order),
        pick(ints(parts, Activations::positions), order),
        pick(ints(parts, Activations::ids), order),
        pick(allLosses, order));
  }

  /** The rows of a hook in order; those of the parts are closed, to hold one hook twice at most. */
  private static Tensor ordered(Hook hook, List<Activations> parts, Tensor index) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor all = Tensors.concat(parts.stream().map(part -> part.at(hook)).toList(), 0);
      parts.forEach(part -> part.at(hook).close());
      return TensorScope.release(Indexing.rows(all, index));
    }
  }

  private static int[] ints(List<Activations> parts, Function<Activations, int[]> column) {
    return parts.stream().flatMapToInt(part -> Arrays.stream(column.apply(part))).toArray();
  }

  private static int[] pick(int[] values, int[] order) {
    return Arrays.stream(order).map(i -> values[i]).toArray();
  }

  private static float[] pick(float[] values, int[] order) {
    float[] picked = new float[values.length];
    for (int i = 0; i < picked.length; i++) {
      picked[i] = values[order[i]];
    }
    return picked;
  }
}
