package dev.loupe.evaluate;

import dev.loupe.activation.Activations;
import dev.loupe.activation.CorpusContexts;
import dev.loupe.activation.OrderedPass;
import dev.loupe.files.WorkPart;
import dev.loupe.kernel.Range;
import dev.loupe.model.Hook;
import dev.loupe.model.Llama;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * A pass of the language model over a corpus in its order, or over a part of it, cut into groups of
 * {@link TokenGroup#SIZE} counted tokens. What is read at a time, and so every number, is the same
 * whatever the part: a part whose first group begins in a context that was read before it reads
 * that again. Owns what is left over between two groups.
 */
final class TokenGroups implements AutoCloseable {
  private final CorpusContexts contexts;
  private final OrderedPass pass;
  private final List<Read> reads;
  private final Range part; // of the reads
  private final Map<Hook, Tensor> rest = new TreeMap<>(); // [tokens left over, d]
  private int[] restDocuments = new int[0];
  private int next; // of the reads

  /**
   * What is read at a time.
   *
   * @param from the first context
   * @param to after the last
   * @param rest tokens left over before
   * @param start counted tokens of the corpus before those that are left over
   */
  private record Read(int from, int to, int rest, long start) {}

  /** Borrows the model. */
  TokenGroups(Llama model, CorpusContexts contexts, Set<Hook> hooks, WorkPart part) {
    this.contexts = contexts;
    this.pass = new OrderedPass(model, contexts, hooks, false);
    this.reads = reads(contexts);
    this.part = part.range(reads.size());
    this.next = this.part.from();
  }

  private static List<Read> reads(CorpusContexts contexts) {
    List<Read> reads = new ArrayList<>();
    int from = 0;
    int rest = 0;
    long start = 0;
    while (from < contexts.size()) {
      int to = contexts.reach(from, TokenGroup.SIZE - rest);
      reads.add(new Read(from, to, rest, start));
      long tokens = rest + contexts.countedTokens(from, to);
      rest = (int) (tokens % TokenGroup.SIZE);
      start += tokens - rest;
      from = to;
    }
    return reads;
  }

  /** Counted tokens of the contexts that are read. */
  long tokens() {
    return part.size() == 0
        ? 0
        : contexts.countedTokens(reads.get(part.from()).from(), reads.get(part.to() - 1).to());
  }

  /** Hands over the next groups; false at the end of the part. */
  boolean next(Consumer<TokenGroup> consumer) {
    if (next == part.to()) {
      return false;
    }
    Read read = reads.get(next);
    if (next == part.from() && read.rest() > 0) {
      leaveOf(reads.get(next - 1), read.rest());
    }
    try (Activations found = pass.read(read.from(), read.to())) {
      next++;
      cut(read, found, consumer);
    }
    return true;
  }

  /** Leaves the last tokens of a read whose groups are another part's. */
  private void leaveOf(Read read, int tokens) {
    try (Activations found = pass.read(read.from(), read.to());
        TensorScope _ = TensorScope.open()) {
      int[] documents = Arrays.stream(found.contexts()).map(contexts::document).toArray();
      int start = documents.length - tokens;
      Map<Hook, Tensor> rows = new TreeMap<>();
      pass.hooks().forEach(hook -> rows.put(hook, found.at(hook)));
      leave(rows, Arrays.copyOfRange(documents, start, documents.length), start);
    }
  }

  private void cut(Read read, Activations found, Consumer<TokenGroup> consumer) {
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
      boolean last = read.to() == contexts.size();
      while (documents.length - start >= TokenGroup.SIZE || (last && start < documents.length)) {
        int end = Math.min(start + TokenGroup.SIZE, documents.length);
        consumer.accept(group(rows, documents, start, end, read.start()));
        start = end;
      }
      leave(rows, Arrays.copyOfRange(documents, start, documents.length), start);
    }
  }

  private TokenGroup group(
      Map<Hook, Tensor> rows, int[] documents, int start, int end, long before) {
    Map<Hook, Tensor> part = new TreeMap<>();
    rows.forEach((hook, all) -> part.put(hook, all.narrow(0, start, end - start)));
    return new TokenGroup(before + start, Arrays.copyOfRange(documents, start, end), part);
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
