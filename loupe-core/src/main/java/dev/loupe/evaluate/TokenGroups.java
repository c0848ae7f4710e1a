package dev.loupe.evaluate;

import dev.loupe.activation.Activations;
import dev.loupe.activation.CorpusContexts;
import dev.loupe.activation.OrderedPass;
import dev.loupe.model.Hook;
import dev.loupe.model.Llama;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * One pass of the language model over a corpus in its order, cut into groups of {@link
 * TokenGroup#SIZE} counted tokens. Owns what is left over between two groups.
 */
final class TokenGroups implements AutoCloseable {
  private final CorpusContexts contexts;
  private final OrderedPass pass;
  private final Map<Hook, Tensor> rest = new TreeMap<>(); // [tokens left over, d]
  private int[] restDocuments = new int[0];
  private int nextContext;
  private long nextToken;

  /** Borrows the model. */
  TokenGroups(Llama model, CorpusContexts contexts, Set<Hook> hooks) {
    this.contexts = contexts;
    this.pass = new OrderedPass(model, contexts, hooks, false);
  }

  /** Hands over the next groups; false at the end of the corpus. */
  boolean next(Consumer<TokenGroup> consumer) {
    if (nextContext == contexts.size()) {
      return false;
    }
    int to = contexts.reach(nextContext, TokenGroup.SIZE - restDocuments.length);
    try (Activations found = pass.read(nextContext, to)) {
      nextContext = to;
      cut(found, consumer);
    }
    return true;
  }

  private void cut(Activations found, Consumer<TokenGroup> consumer) {
    int[] documents =
        IntStream.concat(
                Arrays.stream(restDocuments),
                Arrays.stream(found.contexts()).map(contexts::document))
            .toArray();
    try (TensorScope _ = TensorScope.open()) {
      Map<Hook, Tensor> rows = new TreeMap<>();
      for (Hook hook : pass.hooks()) {
        Tensor before = rest.get(hook);
        Tensor next = found.at(hook);
        rows.put(hook, before == null ? next : Tensors.concat(List.of(before, next), 0));
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
