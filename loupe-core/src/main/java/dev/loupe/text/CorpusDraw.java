package dev.loupe.text;

import java.util.List;

/**
 * Draws from all sources of a corpus what the request asks for. Where the corpus is smaller than
 * that, an epoch has as many tokens as it can give with every source at its share.
 */
final class CorpusDraw {
  /**
   * Split documents are long: of the demo's books, 70,000 held-out tokens are ten chapters, and an
   * L0 on them has an interval of 12 %. The wanted tokens are chosen among so many times as many.
   */
  private static final double SPREAD = 4;

  private final CorpusSpec corpus;
  private final Tokenizer tokenizer;
  private final TokenRequest request;
  private final DrawnDocuments drawn = new DrawnDocuments();
  private final int[] ends; // of each source in drawn // [sources]
  private final long[] available; // counted tokens drawn of each source // [sources]
  private long badLines;
  private long cut; // counted tokens of the drawn documents that a context has no room for

  CorpusDraw(CorpusSpec corpus, Tokenizer tokenizer, TokenRequest request) {
    this.corpus = corpus;
    this.tokenizer = tokenizer;
    this.request = request;
    this.ends = new int[corpus.sources().size()];
    this.available = new long[corpus.sources().size()];
  }

  DrawnDocuments drawn() {
    return drawn;
  }

  long badLines() {
    return badLines;
  }

  /** Fills and maps the store; returns the contexts of an epoch. */
  Contexts draw(TokenStore store, Progress progress) {
    List<Source> sources = corpus.sources();
    for (int s = 0; s < sources.size(); s++) {
      SourceDraw draw = new SourceDraw(corpus, s, request, tokenizer, store, drawn, progress);
      available[s] = draw.draw(share(s, pool() * request.tokens()));
      badLines += draw.badLines();
      cut += draw.cut();
      ends[s] = drawn.size();
    }
    store.map();
    double epoch = epochTokens();
    checkEnough(epoch);
    Contexts contexts = new Contexts(drawn, store, tokenizer.special(), request.context() - 1);
    for (int s = 0; s < sources.size(); s++) {
      add(contexts, s == 0 ? 0 : ends[s - 1], ends[s], Math.min(available[s], share(s, epoch)));
    }
    return contexts;
  }

  /** How many times the wanted tokens are drawn, for the wanted ones to be chosen among. */
  private double pool() {
    return request.longDocuments() == LongDocuments.SPLIT ? SPREAD : 1;
  }

  private void add(Contexts contexts, int from, int to, long wanted) {
    switch (request.longDocuments()) {
      case TRUNCATE -> contexts.add(from, to, wanted);
      case SPLIT -> contexts.addSpread(from, to, wanted, request.seed());
    }
  }

  private long share(int source, double tokens) {
    return (long) Math.ceil(tokens * corpus.sources().get(source).share());
  }

  private double epochTokens() {
    double tokens = (double) request.tokens();
    for (int s = 0; s < available.length; s++) {
      if (available[s] < share(s, (double) request.tokens())) {
        tokens = Math.min(tokens, available[s] / corpus.sources().get(s).share());
      }
    }
    return tokens;
  }

  private void checkEnough(double epoch) {
    String what = "the %s split of %s".formatted(request.split().label(), names());
    if (epoch == 0) {
      throw new CorpusException(
          "expected text, got no counted token in %s; %s".formatted(what, sources()));
    }
    long most = (long) (epoch * request.epochs());
    if (most < request.tokens()) {
      throw new CorpusException(
          "expected %,d counted tokens, got %,d from %s in %d epoch(s) of %,d (%s%s); %s"
              .formatted(
                  request.tokens(),
                  most,
                  what,
                  request.epochs(),
                  (long) epoch,
                  sources(),
                  cut > 0 ? "; --long-documents truncate cut %,d off".formatted(cut) : "",
                  advice(most, epoch)));
    }
  }

  /** Says by how much, as a run may need more than it was asked for: calibration tokens. */
  private String advice(long most, double epoch) {
    String fewer = "lower --tokens by %,d".formatted(request.tokens() - most);
    return request.split() == Split.HELD_OUT
        ? fewer
        : fewer + " or raise --epochs to " + (long) Math.ceil(request.tokens() / epoch);
  }

  private String names() {
    return String.join(", ", corpus.sources().stream().map(Source::name).toList());
  }

  private String sources() {
    StringBuilder text = new StringBuilder();
    for (int s = 0; s < available.length; s++) {
      Source source = corpus.sources().get(s);
      text.append(text.isEmpty() ? "" : ", ")
          .append(
              available[s] < share(s, (double) request.tokens())
                  ? "%s has %,d for a share of %.3f"
                      .formatted(source.name(), available[s], source.share())
                  : "%s has enough for a share of %.3f".formatted(source.name(), source.share()));
    }
    return text.toString();
  }
}
