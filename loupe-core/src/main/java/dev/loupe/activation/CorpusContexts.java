package dev.loupe.activation;

import dev.loupe.text.DocumentReference;
import dev.loupe.text.TokenBatch;
import dev.loupe.text.TokenCorpus;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * The contexts of a corpus in their own order. A corpus's batches depend on their size, the order
 * of its contexts does not: first tokens, groups of tokens, budgets and analyses therefore follow
 * this order. Holds 12 bytes a context; borrows the corpus.
 */
public final class CorpusContexts {
  /** Padded positions that cost less than another batch, beside an eighth of the batch. */
  private static final int PADDING = 256;

  private final Function<int[], TokenBatch> reader; // contexts side by side
  private final int[] lengths; // [contexts]
  private final int[] counted; // [contexts]
  private final int[] document; // [contexts], numbered in this order
  private final int documents;
  private final int batchIds;

  private CorpusContexts(
      int[] lengths,
      int[] counted,
      IntFunction<?> documentOf,
      int batchIds,
      Function<int[], TokenBatch> reader) {
    this.lengths = lengths;
    this.counted = counted;
    this.document = new int[lengths.length];
    this.batchIds = batchIds;
    this.reader = reader;
    Map<Object, Integer> numbers = new HashMap<>();
    for (int context = 0; context < lengths.length; context++) {
      document[context] = numbers.computeIfAbsent(documentOf.apply(context), _ -> numbers.size());
    }
    documents = numbers.size();
  }

  public static CorpusContexts of(TokenCorpus corpus) {
    return of(corpus, corpus.batchTokens());
  }

  /**
   * Of a corpus, to be read in batches of another size than its own.
   *
   * @param batchIds ids of a batch, padding included; a longer context is a batch alone
   */
  public static CorpusContexts of(TokenCorpus corpus, int batchIds) {
    int n = corpus.contexts();
    return new CorpusContexts(
        IntStream.range(0, n).map(corpus::length).toArray(),
        IntStream.range(0, n).map(corpus::counted).toArray(),
        corpus::document,
        batchIds,
        corpus::batchOf);
  }

  /** Of a batch that holds the contexts 0, 1, ... in this order, longest first. */
  public static CorpusContexts of(TokenBatch all, IntFunction<DocumentReference> documentOf) {
    int[] counted = new int[all.documents()];
    for (int place = 0; place < all.counted().length; place++) {
      counted[place / all.positions()] += all.counted()[place] ? 1 : 0;
    }
    return new CorpusContexts(
        all.lengths(), counted, documentOf, all.ids().length, contexts -> all.rows(contexts));
  }

  public int size() {
    return counted.length;
  }

  public int documents() {
    return documents;
  }

  /** Ids of the longest context. */
  public int longest() {
    return Arrays.stream(lengths).max().orElse(0);
  }

  /** Ids of a context, its begin id included. */
  public int length(int context) {
    return lengths[context];
  }

  /** The number of a context's document: 0, 1, ... as they first appear. */
  public int document(int context) {
    return document[context];
  }

  /** Documents that the contexts before {@code to} are from: the first so many. */
  public int documentsBefore(int to) {
    return IntStream.range(0, to).map(this::document).max().orElse(-1) + 1;
  }

  public long countedTokens(int from, int to) {
    return IntStream.range(from, to).mapToLong(context -> counted[context]).sum();
  }

  /** The end of the contexts from {@code from} on that have so many counted tokens, or all. */
  public int reach(int from, long tokens) {
    int to = from;
    for (long left = tokens; to < size() && left > 0; to++) {
      left -= counted[to];
    }
    return to;
  }

  /** A range of contexts, batched by length. */
  public List<TokenBatch> batches(int from, int to) {
    return batches(IntStream.range(from, to).toArray());
  }

  /** Some contexts, batched by length. */
  public List<TokenBatch> batches(int[] some) {
    int[] sorted =
        Arrays.stream(some)
            .boxed()
            .sorted(Comparator.comparingInt(context -> -lengths[context]))
            .mapToInt(Integer::intValue)
            .toArray();
    List<TokenBatch> batches = new ArrayList<>();
    int[] left = sorted;
    while (left.length > 0) {
      int count = batchSize(left);
      batches.add(reader.apply(Arrays.copyOf(left, count)));
      left = Arrays.copyOfRange(left, count, left.length);
    }
    return batches;
  }

  /** Contexts from the first on that fit into a batch without much padding. */
  private int batchSize(int[] sorted) {
    int longest = lengths[sorted[0]];
    int most = Math.clamp(batchIds / longest, 1, sorted.length);
    int padding = 0;
    for (int count = 1; count < most; count++) {
      padding += longest - lengths[sorted[count]];
      if (padding > PADDING + count * longest / 8) {
        return count;
      }
    }
    return most;
  }
}
