package dev.loupe.evaluate;

import dev.loupe.text.DocumentReference;
import dev.loupe.text.TokenBatch;
import dev.loupe.text.TokenCorpus;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * The contexts of a corpus in their own order. A corpus's batches depend on their size, the order
 * of its contexts does not: first tokens, groups of tokens and budgets are therefore counted in
 * this order. Holds all ids, 5 bytes each.
 */
final class CorpusContexts {
  /** Padded positions that cost less than another batch, beside an eighth of the batch. */
  private static final int PADDING = 256;

  private final List<TokenBatch> source;
  private final int[] batchOf; // [contexts]
  private final int[] rowOf; // [contexts]
  private final int[] counted; // [contexts]
  private final int[] document; // [contexts], numbered in this order
  private final int documents;
  private final int batchIds;
  private final int longest;

  private CorpusContexts(List<TokenBatch> source, int contexts, IntFunction<?> documentOf) {
    this.source = source;
    batchOf = new int[contexts];
    rowOf = new int[contexts];
    counted = new int[contexts];
    document = new int[contexts];
    for (int b = 0; b < source.size(); b++) {
      index(b, source.get(b));
    }
    Map<Object, Integer> numbers = new HashMap<>();
    for (int context = 0; context < contexts; context++) {
      document[context] = numbers.computeIfAbsent(documentOf.apply(context), _ -> numbers.size());
    }
    documents = numbers.size();
    batchIds =
        source.stream().mapToInt(batch -> batch.documents() * batch.positions()).max().orElse(1);
    longest = source.stream().mapToInt(TokenBatch::positions).max().orElse(0);
  }

  private void index(int b, TokenBatch batch) {
    for (int row = 0; row < batch.documents(); row++) {
      int context = batch.contexts()[row];
      batchOf[context] = b;
      rowOf[context] = row;
      for (int p = 0; p < batch.positions(); p++) {
        counted[context] += batch.counted()[row * batch.positions() + p] ? 1 : 0;
      }
    }
  }

  static CorpusContexts read(TokenCorpus corpus) {
    List<TokenBatch> batches =
        IntStream.range(0, corpus.batches()).mapToObj(corpus::batch).toList();
    return new CorpusContexts(batches, corpus.contexts(), corpus::document);
  }

  /** Of batches that hold the contexts 0 to {@code contexts} − 1 in any order. */
  static CorpusContexts of(
      List<TokenBatch> batches, int contexts, IntFunction<DocumentReference> documentOf) {
    return new CorpusContexts(batches, contexts, documentOf);
  }

  int size() {
    return counted.length;
  }

  int documents() {
    return documents;
  }

  /** Ids of the longest context. */
  int longest() {
    return longest;
  }

  /** The number of a context's document: 0, 1, ... as they first appear. */
  int document(int context) {
    return document[context];
  }

  /** Documents that the contexts before {@code to} are from: the first so many. */
  int documentsBefore(int to) {
    return IntStream.range(0, to).map(this::document).max().orElse(-1) + 1;
  }

  long countedTokens(int from, int to) {
    return IntStream.range(from, to).mapToLong(context -> counted[context]).sum();
  }

  /** The end of the contexts from {@code from} on that have so many counted tokens, or all. */
  int reach(int from, long tokens) {
    int to = from;
    for (long left = tokens; to < size() && left > 0; to++) {
      left -= counted[to];
    }
    return to;
  }

  /** A range of contexts, batched anew by length with as many ids as the corpus's batches have. */
  List<TokenBatch> batches(int from, int to) {
    int[] sorted =
        IntStream.range(from, to)
            .boxed()
            .sorted(Comparator.comparingInt(context -> -length(context)))
            .mapToInt(Integer::intValue)
            .toArray();
    List<TokenBatch> batches = new ArrayList<>();
    int[] left = sorted;
    while (left.length > 0) {
      int count = batchSize(left);
      batches.add(batch(Arrays.copyOf(left, count)));
      left = Arrays.copyOfRange(left, count, left.length);
    }
    return batches;
  }

  /** Contexts from the first on that fit into a batch without much padding. */
  private int batchSize(int[] sorted) {
    int most = Math.clamp(batchIds / length(sorted[0]), 1, sorted.length);
    int padding = 0;
    for (int count = 1; count < most; count++) {
      padding += length(sorted[0]) - length(sorted[count]);
      if (padding > PADDING + count * length(sorted[0]) / 8) {
        return count;
      }
    }
    return most;
  }

  private int length(int context) {
    return source.get(batchOf[context]).lengths()[rowOf[context]];
  }

  /** Contexts side by side, longest first. */
  private TokenBatch batch(int[] contexts) {
    int positions = length(contexts[0]);
    int[] ids = new int[contexts.length * positions];
    boolean[] counts = new boolean[ids.length];
    int[] lengths = new int[contexts.length];
    int total = 0;
    for (int row = 0; row < contexts.length; row++) {
      TokenBatch from = source.get(batchOf[contexts[row]]);
      int start = rowOf[contexts[row]] * from.positions();
      lengths[row] = length(contexts[row]);
      System.arraycopy(from.ids(), start, ids, row * positions, lengths[row]);
      System.arraycopy(from.counted(), start, counts, row * positions, lengths[row]);
      total += counted[contexts[row]];
    }
    return new TokenBatch(contexts.length, positions, ids, lengths, contexts, counts, total);
  }
}
