package dev.loupe.text;

import java.util.ArrayList;
import java.util.List;

/**
 * Draws documents of one source in the order of their keys until they hold the counted tokens that
 * are wanted, and tokenises hardly more than that. A first pass over the rows estimates below which
 * key the documents suffice; the next tokenises those, and where they fall short the bound is
 * raised and another pass made. All documents below the bound are drawn, whatever the estimate was.
 */
final class SourceDraw {
  private static final double CHARACTERS_PER_TOKEN = 4;
  private static final double MARGIN = 1.15;
  private static final int BATCH_CHARACTERS = 1 << 19;

  private final CorpusSpec corpus;
  private final int source;
  private final TokenRequest request;
  private final Tokenizer tokenizer;
  private final TokenStore store;
  private final DrawnDocuments drawn;
  private final Progress progress;

  private final List<Document> batch = new ArrayList<>();
  private int batchCharacters;
  private long documents;
  private double estimatedTokens;
  private long badLines;
  private long counted;
  private long cut;

  SourceDraw(
      CorpusSpec corpus,
      int source,
      TokenRequest request,
      Tokenizer tokenizer,
      TokenStore store,
      DrawnDocuments drawn,
      Progress progress) {
    this.corpus = corpus;
    this.source = source;
    this.request = request;
    this.tokenizer = tokenizer;
    this.store = store;
    this.drawn = drawn;
    this.progress = progress;
  }

  /** Draws; returns the counted tokens drawn, fewer than wanted where the source is used up. */
  long draw(long wanted) {
    scan();
    double perEstimated = 1;
    long bound = 0;
    while (counted < wanted && bound < HashOrder.KEYS) {
      long next = bound(wanted / perEstimated, bound);
      take(bound, next, wanted);
      bound = next;
      double estimated = estimatedTokens * bound / HashOrder.KEYS;
      perEstimated = estimated > 0 && counted > 0 ? counted / estimated : 1;
    }
    return counted;
  }

  long badLines() {
    return badLines;
  }

  /** Counted tokens of the drawn documents beyond what a context holds, which are left out. */
  long cut() {
    return cut;
  }

  /** The key of a document, which gives its place in the order. */
  static long key(long seed, DocumentReference document) {
    return HashOrder.key(seed, 'd', document.source(), document.file(), document.row());
  }

  private void scan() {
    DocumentReader reader = new DocumentReader(corpus, request.skipBadLines());
    String what = "reading %s (documents)".formatted(corpus.sources().get(source).name());
    reader.forEach(
        source,
        document -> {
          if (request.split().accepts(document)) {
            estimatedTokens += estimate(document);
            if (++documents % 1024 == 0) {
              progress.report(what, documents, -1);
            }
          }
        });
    badLines = reader.badLines();
    progress.report(what, documents, documents);
  }

  private double estimate(Document document) {
    double tokens = document.text().length() / CHARACTERS_PER_TOKEN;
    return switch (request.longDocuments()) {
      case TRUNCATE -> Math.min(tokens, request.context() - 1);
      case SPLIT -> tokens;
    };
  }

  /** The key below which the documents should hold the wanted tokens, some more to be safe. */
  private long bound(double wanted, long last) {
    double share = MARGIN * wanted / Math.max(1, estimatedTokens);
    double spread = 2 * Math.sqrt(share / Math.max(1, documents)); // of few long documents
    double bound = (share + spread) * HashOrder.KEYS;
    double atLeast = last + HashOrder.KEYS / 64.0;
    return (long) Math.min(HashOrder.KEYS, Math.max(bound, last == 0 ? 1 : atLeast));
  }

  private void take(long from, long to, long wanted) {
    new DocumentReader(corpus, true)
        .forEach(source, reference -> isIn(from, to, reference), document -> add(document, wanted));
    flush(wanted);
  }

  private boolean isIn(long from, long to, DocumentReference reference) {
    long key = key(request.seed(), reference);
    return from <= key && key < to;
  }

  private void add(Document document, long wanted) {
    if (!request.split().accepts(document)) {
      return;
    }
    batch.add(document);
    batchCharacters += document.text().length() + 64;
    if (batchCharacters >= BATCH_CHARACTERS) {
      flush(wanted);
    }
  }

  private void flush(long wanted) {
    List<Encoding> encodings = tokenizer.encode(batch.stream().map(Document::text).toList());
    for (int i = 0; i < encodings.size(); i++) {
      store(batch.get(i).reference(), encodings.get(i).ids());
    }
    batch.clear();
    batchCharacters = 0;
    String name = corpus.sources().get(source).name();
    progress.report("tokenizing %s (tokens)".formatted(name), Math.min(counted, wanted), wanted);
  }

  private void store(DocumentReference reference, int[] ids) {
    int length =
        switch (request.longDocuments()) {
          case TRUNCATE -> Math.min(ids.length, request.context() - 1);
          case SPLIT -> ids.length;
        };
    counted += counted(ids, 0, length);
    cut += counted(ids, length, ids.length);
    drawn.add(reference, key(request.seed(), reference), store.append(ids, length), length);
  }

  private long counted(int[] ids, int from, int to) {
    long counted = 0;
    for (int i = from; i < to; i++) {
      counted += tokenizer.special().contains(ids[i]) ? 0 : 1;
    }
    return counted;
  }
}
