package dev.loupe.text;

/**
 * Tokens drawn from a corpus, planned as batches. All of it follows from the corpus, the tokenizer
 * and the request: same seed, same ids in the same order.
 *
 * <p>Token policy: every context starts with the begin id at position 0. Position 0, begin and end
 * ids anywhere, and padding are not counted. A document is never packed together with another;
 * contexts without a counted token are dropped. Documents are drawn from each source in a seeded
 * order until its share of the counted tokens is reached, then the contexts of all sources are put
 * in one seeded order, so that the mixture is even all along; each epoch has its own.
 *
 * <p>Owns a temporary file of 4 bytes a token and arrays of some 60 bytes a context: close it. Once
 * open it can be read by several threads.
 */
public final class TokenCorpus implements AutoCloseable {
  private final TokenStore store;
  private final DrawnDocuments drawn;
  private final SpecialTokens special;
  private final Contexts pool;
  private final int[] order; // context -> pool
  private final BatchPlan plan;
  private final TokenCounts counts;
  private final String fingerprint;
  private final int batchTokens;
  private volatile boolean closed;

  private TokenCorpus(
      CorpusSpec corpus,
      SpecialTokens special,
      CorpusDraw draw,
      Contexts pool,
      TokenStore store,
      TokenRequest request) {
    this.store = store;
    this.drawn = draw.drawn();
    this.special = special;
    this.pool = pool;
    this.order = ContextOrder.of(pool, drawn, request);
    this.plan =
        BatchPlan.of(
            order.length, i -> 1 + pool.length(order[i]), request.batchTokens(), request.seed());
    this.counts = count(draw.badLines());
    this.fingerprint = CorpusFingerprint.of(corpus, request);
    this.batchTokens = request.batchTokens();
  }

  /**
   * Reads the corpus, tokenises as much of it as is needed, and plans the batches. The caller
   * closes the result; the tokenizer is only borrowed. CorpusException where the corpus cannot be
   * read, or where it gives fewer counted tokens than asked for.
   */
  public static TokenCorpus open(
      CorpusSpec corpus, Tokenizer tokenizer, TokenRequest request, Progress progress) {
    tokenizer.special().documentStart(); // fails first where there is none
    TokenStore store = TokenStore.create();
    try {
      CorpusDraw draw = new CorpusDraw(corpus, tokenizer, request);
      Contexts pool = draw.draw(store, progress);
      return new TokenCorpus(corpus, tokenizer.special(), draw, pool, store, request);
    } catch (RuntimeException | Error e) {
      try (store) {
        throw e;
      }
    }
  }

  /** Number of batches over all epochs. */
  public int batches() {
    return plan.size();
  }

  /** Reads a batch; its arrays are the caller's. */
  public TokenBatch batch(int index) {
    return batchOf(plan.contexts(checkIndex("batch", index, plan.size())));
  }

  /** Contexts of the caller's choice side by side; the arrays of the batch are the caller's. */
  public TokenBatch batchOf(int... contexts) {
    int[][] rows = new int[contexts.length][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = ids(contexts[i]);
    }
    return TokenBatch.of(rows, contexts, special);
  }

  /** The ids of a context, its begin id first; the caller's. */
  public int[] ids(int context) {
    checkOpen();
    return pool.ids(pooled(context));
  }

  /**
   * Copies the ids at positions {@code from .. to - 1} of a context, begin id left out.
   *
   * @param from at least 1
   */
  public void read(int context, int from, int to, int[] target, int at) {
    checkOpen();
    pool.read(pooled(context), from - 1, to - from, target, at);
  }

  /** Ids of a context, its begin id included. */
  public int length(int context) {
    return 1 + pool.length(pooled(context));
  }

  /** Counted tokens of a context. */
  public int counted(int context) {
    return pool.counted(pooled(context));
  }

  /** The most ids of a planned batch, padding included; a longer context is a batch alone. */
  public int batchTokens() {
    return batchTokens;
  }

  /** Counted tokens of all batches. */
  public long countedTokens() {
    return counts.countedTokens();
  }

  /** Counted tokens of one batch, without reading it. */
  public int countedTokens(int batch) {
    int counted = 0;
    for (int context : plan.contexts(checkIndex("batch", batch, plan.size()))) {
      counted += pool.counted(order[context]);
    }
    return counted;
  }

  /** Number of contexts over all epochs. */
  public int contexts() {
    return order.length;
  }

  /** The document that a context is from. */
  public DocumentReference document(int context) {
    return drawn.reference(pool.document(pooled(context)));
  }

  /** Index among the document's tokens of the first id after the context's begin id. */
  public int start(int context) {
    return pool.start(pooled(context));
  }

  /** What was drawn and what the token policy left out. */
  public TokenCounts counts() {
    return counts;
  }

  /**
   * SHA-256 in hex over the sources' names, shares and files (size, first and last 64 KiB) and the
   * request; not over paths.
   */
  public String fingerprint() {
    return fingerprint;
  }

  @Override
  public void close() {
    closed = true;
    store.close();
  }

  private TokenCounts count(long badLines) {
    long ids = 0;
    long counted = 0;
    boolean[] used = new boolean[drawn.size()];
    long documents = 0;
    for (int context : order) {
      ids += pool.length(context);
      counted += pool.counted(context);
      documents += used[pool.document(context)] ? 0 : 1;
      used[pool.document(context)] = true;
    }
    long padded = -ids - order.length;
    for (int batch = 0; batch < plan.size(); batch++) {
      int[] contexts = plan.contexts(batch);
      padded += (long) contexts.length * (1 + pool.length(order[contexts[0]])); // longest first
    }
    return new TokenCounts(
        order.length, counted, order.length, ids - counted, padded, badLines, documents);
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the token corpus is closed");
    }
  }

  private int pooled(int context) {
    return order[checkIndex("context", context, order.length)];
  }

  private static int checkIndex(String what, int index, int size) {
    if (index < 0 || index >= size) {
      throw new IllegalArgumentException(
          "expected a %s from 0 to %d, got %d".formatted(what, size - 1, index));
    }
    return index;
  }
}
