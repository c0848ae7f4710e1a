package dev.loupe.analyze;

import dev.loupe.kernel.Range;
import dev.loupe.store.FeatureRow;
import dev.loupe.store.HistogramRow;
import dev.loupe.store.NeighboursRow;
import dev.loupe.store.SampleRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * All that the codes say of a feature: three times through its activations, with sums or samples of
 * a fixed size. Beside the block that it reads, what it holds follows from the number of features
 * and ids, not from the corpus. One thread; features one after another.
 */
final class FeatureAnalysis {
  private static final int MOST_FEATURES = 256;
  private static final int TOP_TOKENS = 10;
  private static final double DENSE_RATE = 0.1;
  private static final double SINGLE_TOKEN_SHARE = 0.9;
  private static final int SINGLE_TOKEN_FIRINGS = 10;

  private final Job job;
  private final FeatureCounts counts;
  private final TokenStatistics tokens;
  private final DocumentMaxima documents;
  private final SampleChoice choice;
  private final NearDuplicates duplicates;
  private final Optional<CategorySearch.Best> best;
  private final Firings own = new Firings();
  private final Firings others = new Firings();

  /**
   * What features are analysed with, all of it borrowed.
   *
   * @param block the features that are analysed
   * @param coactivation of these
   * @param nearest for each feature its nearest neighbour by decoder cosine, -1 for none // [F]
   * @param categories to be searched for; empty where there are none
   * @param text of a token id, for ids below {@code ids}
   */
  @SuppressWarnings("ArrayRecordComponent") // a carrier; never compared
  record Job(
      String dictionary,
      StoredCodes codes,
      FeatureBlock block,
      Coactivation coactivation,
      AnalysedTokens corpus,
      RandomWindows anywhere,
      int[] nearest,
      CategoryDocuments documents,
      Optional<CategorySearch> categories,
      int ids,
      IntFunction<String> text,
      long seed) {}

  /** What is known of a feature. */
  record Result(
      FeatureRow feature,
      HistogramRow histogram,
      NeighboursRow coactivation,
      List<SampleRow> samples) {}

  /**
   * What is known of a range of features.
   *
   * @param best of the range for each category
   */
  record Results(List<Result> features, Optional<CategorySearch.Best> best) {}

  private FeatureAnalysis(Job job) {
    this.job = job;
    this.counts = new FeatureCounts(job.corpus);
    this.tokens = new TokenStatistics(job.corpus, job.ids);
    this.documents = new DocumentMaxima(job.documents);
    this.choice = new SampleChoice(job.corpus, job.seed);
    this.duplicates = new NearDuplicates(job.corpus.corpus());
    this.best = job.categories.map(search -> search.new Best("features"));
  }

  /** A block's features in ranges that threads analyse. */
  static List<Range> ranges(Range block) {
    return Range.split(block.size(), MOST_FEATURES).stream()
        .map(range -> new Range(block.from() + range.from(), block.from() + range.to()))
        .toList();
  }

  static Results run(Job job, Range features) {
    FeatureAnalysis analysis = new FeatureAnalysis(job);
    List<Result> results = new ArrayList<>();
    for (int feature = features.from(); feature < features.to(); feature++) {
      results.add(analysis.result(feature));
    }
    return new Results(results, analysis.best);
  }

  private Result result(int feature) {
    counts.clear();
    tokens.clear();
    documents.clear();
    job.block.show(feature, own);
    counts.add(own);
    tokens.add(own);
    documents.add(own);
    byte[] bands = Bands.of(counts.windowGrid);
    List<SampleChoice.Sample> chosen = choose(feature, bands);
    SampleActivations samples = new SampleActivations(feature, job.corpus, chosen);
    samples.add(own);
    return new Result(
        row(feature, bands),
        histogram(feature),
        job.coactivation.strongest(
            feature,
            job.codes.firings(),
            job.corpus.tokens(),
            CosineNeighbours.MOST,
            job.dictionary),
        samples.rows());
  }

  private List<SampleChoice.Sample> choose(int feature, byte[] bands) {
    choice.begin(feature, counts.maximum, bands);
    choice.add(own);
    int nearest = job.nearest[feature];
    if (nearest >= 0) {
      FeatureBlock block =
          job.block.has(nearest) ? job.block : job.codes.read(new Range(nearest, nearest + 1));
      block.show(nearest, others);
      choice.addNeighbour(own, others);
    }
    return choice.samples(duplicates, job.anywhere);
  }

  private int[] linear() {
    int[] linear = new int[HistogramRow.LINEAR_BINS];
    float scale = HistogramRow.LINEAR_BINS / counts.maximum;
    for (int i = 0; i < own.size(); i++) {
      linear[Math.min((int) (own.value(i) * scale), HistogramRow.LINEAR_BINS - 1)]++;
    }
    return linear;
  }

  private FeatureRow row(int feature, byte[] bands) {
    FeatureRow.Interval rate = Wilson.interval(counts.firings, job.corpus.tokens());
    boolean dead = counts.firings == 0;
    float[] quantiles = new float[dead ? 0 : FeatureRow.QUANTILES.size()];
    for (int q = 0; q < quantiles.length; q++) {
      quantiles[q] = Bands.quantile(counts.grid, FeatureRow.QUANTILES.get(q), counts.maximum);
    }
    TokenStatistics.Top top = tokens.top(TOP_TOKENS);
    boolean single =
        counts.firings >= SINGLE_TOKEN_FIRINGS && top.shares()[0] >= SINGLE_TOKEN_SHARE;
    return new FeatureRow(
        feature,
        counts.firings,
        rate,
        counts.contexts,
        counts.maximum,
        (float) counts.mean(),
        (float) counts.deviation(),
        quantiles,
        (float) tokens.tokenShare(),
        new FeatureRow.TopTokens(
            top.ids(),
            Arrays.stream(top.ids()).mapToObj(job.text).toArray(String[]::new),
            top.firings(),
            top.shares()),
        counts.positions.clone(),
        dead,
        rate.value() > DENSE_RATE,
        single,
        dead ? Optional.empty() : category(feature),
        Bands.edges(bands, counts.windowGrid, counts.maximum),
        Bands.counts(bands, counts.windowGrid));
  }

  private Optional<FeatureRow.Category> category(int feature) {
    if (job.categories.isEmpty()) {
      return Optional.empty();
    }
    CategorySearch search = job.categories.get();
    CategorySearch.Scores scores = documents.scores();
    CategorySearch.Rule[] rules = search.choose(scores);
    best.orElseThrow().offer(feature, rules, scores);
    int chosen = 0;
    for (int category = 1; category < rules.length; category++) {
      chosen = rules[category].f1() > rules[chosen].f1() ? category : chosen;
    }
    CategorySearch.Rule rule = rules[chosen];
    return rule.f1() == 0
        ? Optional.empty()
        : Optional.of(
            new FeatureRow.Category(
                job.documents.names().get(chosen),
                rule.sign(),
                rule.threshold(),
                search.score(chosen, rule, scores)));
  }

  private HistogramRow histogram(int feature) {
    int[] log = new int[HistogramRow.LOG_BINS];
    if (counts.firings == 0) {
      return new HistogramRow(feature, new float[0], log, linear());
    }
    int start = Bands.logStart(counts.maximum);
    for (int bin = 0; bin < Grid.BINS; bin++) {
      log[Bands.logBin(bin, start)] += counts.grid[bin];
    }
    return new HistogramRow(feature, Bands.logEdges(start), log, linear());
  }
}
