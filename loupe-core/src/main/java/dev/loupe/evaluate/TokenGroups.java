package dev.loupe.evaluate;

import dev.loupe.activation.Activations;
import dev.loupe.activation.Capturing;
import dev.loupe.model.Hook;
import dev.loupe.model.Llama;
import dev.loupe.tensor.Indexing;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import dev.loupe.text.TokenBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * One pass of the language model over a corpus, its counted tokens put back into the corpus's order
 * and cut into groups of {@link TokenGroup#SIZE}. Owns what is left over between two groups.
 */
final class TokenGroups implements AutoCloseable {
  private final Llama model;
  private final CorpusContexts contexts;
  private final Set<Hook> hooks;
  private final Map<Hook, Tensor> rest = new TreeMap<>(); // [tokens left over, d]
  private int[] restDocuments = new int[0];
  private int nextContext;
  private long nextToken;

  /** Borrows the model. */
  TokenGroups(Llama model, CorpusContexts contexts, Set<Hook> hooks) {
    this.model = model;
    this.contexts = contexts;
    this.hooks = Set.copyOf(hooks);
  }

  /** Hands over the next groups; false at the end of the corpus. */
  boolean next(Consumer<TokenGroup> consumer) {
    if (nextContext == contexts.size()) {
      return false;
    }
    int to = contexts.reach(nextContext, TokenGroup.SIZE - restDocuments.length);
    List<Activations> found = new ArrayList<>();
    try {
      for (TokenBatch batch : contexts.batches(nextContext, to)) {
        found.add(Capturing.activations(model, batch, hooks));
      }
      nextContext = to;
      cut(found, consumer);
    } finally {
      found.forEach(Activations::close);
    }
    return true;
  }

  private void cut(List<Activations> found, Consumer<TokenGroup> consumer) {
    int[] contextOf = found.stream().flatMapToInt(a -> Arrays.stream(a.contexts())).toArray();
    int left = restDocuments.length;
    int[] order = order(contextOf, left);
    int[] documents =
        Arrays.stream(order)
            .map(i -> i < left ? restDocuments[i] : contexts.document(contextOf[i - left]))
            .toArray();
    try (TensorScope _ = TensorScope.open()) {
      Map<Hook, Tensor> rows = new TreeMap<>();
      for (Hook hook : hooks) {
        rows.put(hook, ordered(hook, found, order));
      }
      int start = 0;
      boolean last = nextContext == contexts.size();
      while (documents.length - start >= TokenGroup.SIZE || (last && start < documents.length)) {
        int end = Math.min(start + TokenGroup.SIZE, documents.length);
        consumer.accept(group(rows, documents, start, end));
        nextToken += end - start;
        start = end;
      }
      leave(rows, Arrays.copyOfRange(documents, start, documents.length), start);
    }
  }

  /** Places of the tokens in corpus order: first what was left over, then context by context. */
  private static int[] order(int[] contextOf, int left) {
    IntStream sorted =
        IntStream.range(0, contextOf.length)
            .boxed()
            .sorted(Comparator.comparingInt(i -> contextOf[i]))
            .mapToInt(i -> left + i);
    return IntStream.concat(IntStream.range(0, left), sorted).toArray();
  }

  private Tensor ordered(Hook hook, List<Activations> found, int[] order) {
    try (TensorScope scope = TensorScope.open()) {
      List<Tensor> parts = new ArrayList<>();
      Tensor before = rest.get(hook);
      if (before != null) {
        parts.add(before);
      }
      found.forEach(activations -> parts.add(activations.at(hook)));
      Tensor index = Tensors.of(order, order.length).to(model.device());
      return scope.keep(Indexing.rows(Tensors.concat(parts, 0), index));
    }
  }

  private TokenGroup group(Map<Hook, Tensor> rows, int[] documents, int start, int end) {
    Map<Hook, Tensor> part = new TreeMap<>();
    rows.forEach((hook, all) -> part.put(hook, all.narrow(0, start, end - start)));
    return new TokenGroup(nextToken, Arrays.copyOfRange(documents, start, end), part);
  }

  private void leave(Map<Hook, Tensor> rows, int[] documents, int start) {
    close();
    restDocuments = documents;
    rows.forEach((hook, all) ->
        rest.put(hook, TensorScope.release(all.narrow(0, start, documents.length).copy())));
  }

  @Override
  public void close() {
    rest.values().forEach(Tensor::close);
    rest.clear();
  }
}
