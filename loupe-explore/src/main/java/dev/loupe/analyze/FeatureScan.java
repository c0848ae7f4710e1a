package dev.loupe.analyze;

import dev.loupe.activation.Activations;
import dev.loupe.activation.Capturing;
import dev.loupe.dictionary.Codes;
import dev.loupe.dictionary.Contract;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.model.Hook;
import dev.loupe.model.Llama;
import dev.loupe.text.Progress;
import dev.loupe.text.TokenBatch;
import dev.loupe.text.TokenCorpus;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * One pass of a dictionary over a corpus, kept as sparse activations: what each feature does, which
 * features reward a look, and where they fire most strongly.
 *
 * <p>Lives on the heap alone: 8 bytes an activation (as many as features fire) and 16 bytes a
 * counted token, 416 MB for a million tokens of 50 activations; up to twice the activations while
 * they are sorted. At most 2³¹ activations. Borrows the corpus, which {@link #examples} reads:
 * leave it open. One thread at a time.
 */
public final class FeatureScan {
  private final TokenCorpus corpus;
  private final ScannedTokens tokens;
  private final Firings firings;
  private final List<FeatureSummary> summaries;

  private FeatureScan(TokenCorpus corpus, ScannedTokens tokens, Firings firings) {
    this.corpus = corpus;
    this.tokens = tokens;
    this.firings = firings;
    this.summaries = summaries(tokens, firings);
  }

  /**
   * Runs the model as far as the dictionary's hook over all batches of the corpus, and encodes the
   * counted tokens. Closes nothing that it is given.
   *
   * @param dictionary standardised, so that activations are in raw units; else
   *     IllegalArgumentException
   */
  public static FeatureScan run(
      Llama model, Dictionary dictionary, TokenCorpus corpus, Progress progress) {
    if (dictionary.contract().form() != Contract.Form.STANDARDISED) {
      throw new IllegalArgumentException(
          "expected standardised weights, got %s of %s; use Dictionary.standardised()"
              .formatted(dictionary.contract().form().label(), dictionary.name()));
    }
    String what = "scanning " + dictionary.name() + " (batches)";
    int features = Math.toIntExact(dictionary.features());
    return scan(corpus, features, batch -> encode(model, dictionary, batch), what, progress);
  }

  /** As {@link #run}, with any function that gives the codes of the counted tokens of a batch. */
  static FeatureScan scan(
      TokenCorpus corpus,
      int features,
      Function<TokenBatch, SparseRows> encoder,
      String what,
      Progress progress) {
    ScannedTokens tokens = ScannedTokens.read(corpus);
    Firings.Collector collector = new Firings.Collector(features);
    for (int b = 0; b < corpus.batches(); b++) {
      progress.report(what, b, corpus.batches());
      collector.add(encoder.apply(corpus.batch(b)));
    }
    progress.report(what, corpus.batches(), corpus.batches());
    return new FeatureScan(corpus, tokens, collector.sorted());
  }

  private static SparseRows encode(Llama model, Dictionary dictionary, TokenBatch batch) {
    Hook hook = dictionary.contract().hookIn();
    try (Activations activations = Capturing.activations(model, batch, Set.of(hook));
        Codes codes = dictionary.encode(activations.at(hook))) {
      return SparseRows.of(codes);
    }
  }

  /** Counted tokens that were scanned: what firings are a share of. */
  public int tokens() {
    return tokens.size();
  }

  /** A summary of every feature, by number. */
  public List<FeatureSummary> features() {
    return summaries;
  }

  /**
   * Features that reward a look: a token share below 0.5 (more than the name of a token), at least
   * 50 firings, in at least 10 documents.
   *
   * <p>They are spread over firing rates: candidates are sorted by firings and cut into as many
   * equal groups as features are wanted, of which each gives one. The seed draws it from the half
   * of its group with the clearest peaks: the tenth strongest context's peak (one outlier says
   * nothing) over the mean of all firings, so that strong places stand out from usual ones; times 1
   * + the share of different tokens among those ten peaks, since a reader learns more from varied
   * ones.
   *
   * @param count how many; all candidates where there are fewer
   * @return from rare to frequent
   */
  public List<Integer> interesting(int count, long seed) {
    atLeast("count", 0, count);
    return new FeatureChoice(tokens, firings).choose(summaries, count, seed);
  }

  /**
   * Where a feature fires most strongly, strongest first: of each context the strongest token, in
   * its window.
   *
   * @param count how many; fewer where it fires in fewer contexts
   * @param before the most tokens of the window before the peak; it stays inside the context
   * @param after likewise after the peak
   */
  public List<Example> examples(int feature, int count, int before, int after) {
    if (feature < 0 || feature >= firings.features()) {
      throw new IllegalArgumentException(
          "expected a feature from 0 to %d, got %d".formatted(firings.features() - 1, feature));
    }
    atLeast("count", 0, count);
    atLeast("before", 0, before);
    atLeast("after", 0, after);
    return new Peaks(tokens, firings)
        .strongest(feature, count).stream()
            .map(peak -> example(feature, peak, before, after))
            .toList();
  }

  private Example example(int feature, int peak, int before, int after) {
    int token = firings.token(peak);
    int context = tokens.contexts()[token];
    int position = tokens.positions()[token];
    int[] ids = ids(context);
    int from = Math.max(1, position - before); // position 0 is the begin id, no text
    int to = (int) Math.min(ids.length, (long) position + after + 1);
    return new Example(
        corpus.document(context),
        context,
        position,
        Arrays.copyOfRange(ids, from, to),
        activations(feature, peak, from, to),
        position - from);
  }

  private int[] ids(int context) {
    TokenBatch batch = corpus.batch(tokens.batches()[context]);
    int row = 0;
    while (batch.contexts()[row] != context) {
      row++;
    }
    int start = row * batch.positions();
    return Arrays.copyOfRange(batch.ids(), start, start + batch.lengths()[row]);
  }

  /** Activations at positions from .. to - 1 of the context of a firing. */
  private float[] activations(int feature, int firing, int from, int to) {
    float[] activations = new float[to - from];
    int context = tokens.contexts()[firings.token(firing)];
    int first = firing;
    while (first > firings.start(feature) && isIn(context, first - 1)) {
      first--;
    }
    for (int i = first; i < firings.end(feature) && isIn(context, i); i++) {
      int position = tokens.positions()[firings.token(i)];
      if (position >= from && position < to) {
        activations[position - from] = firings.value(i);
      }
    }
    return activations;
  }

  private boolean isIn(int context, int firing) {
    return tokens.contexts()[firings.token(firing)] == context;
  }

  static List<FeatureSummary> summaries(ScannedTokens tokens, Firings firings) {
    TokenShare share = new TokenShare(tokens);
    int[] lastSeen = new int[tokens.documentCount()]; // feature + 1 that was last seen in each
    List<FeatureSummary> summaries = new ArrayList<>(firings.features());
    for (int feature = 0; feature < firings.features(); feature++) {
      int documents = 0;
      float maximum = 0;
      for (int i = firings.start(feature); i < firings.end(feature); i++) {
        int document = tokens.documents()[firings.token(i)];
        documents += lastSeen[document] == feature + 1 ? 0 : 1;
        lastSeen[document] = feature + 1;
        maximum = Math.max(maximum, firings.value(i));
      }
      double tokenShare = share.of(firings, feature);
      summaries.add(
          new FeatureSummary(feature, firings.count(feature), documents, maximum, tokenShare));
    }
    return List.copyOf(summaries);
  }

  private static void atLeast(String name, int bound, int value) {
    if (value < bound) {
      throw new IllegalArgumentException(
          "expected %s of at least %d, got %d".formatted(name, bound, value));
    }
  }
}
