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
import java.util.stream.IntStream;

/**
 * All that the codes say of a range of features of one dictionary: three passes over the codes on
 * disk, each with sums or samples of a fixed size for each feature. One thread.
 */
final class FeatureTile {
  /** Features of a range: what its passes hold is some 20 KB a feature. */
  private static final int MOST_FEATURES = 1_024;

  private static final int TOP_TOKENS = 10;
  private static final double DENSE_RATE = 0.1;
  private static final double SINGLE_TOKEN_SHARE = 0.9;
  private static final int SINGLE_TOKEN_FIRINGS = 10;

  private final Job job;
  private final Range features;
  private final FeatureCounts counts;
  private final TokenStatistics tokens;
  private final Coactivation coactivation;
  private final DocumentMaxima documents;

  /**
   * What a range is analysed with, all of it borrowed.
   *
   * @param firings of every feature of the dictionary, [F]
   * @param nearest for each feature its nearest neighbour by decoder cosine, -1 for none, [F]
   * @param categories to be searched for, with its documents; empty where there are none
   * @param text of a token id
   */
  @SuppressWarnings("ArrayRecordComponent") // a carrier; never compared
  record Job(
      String dictionary,
      CodeFiles files,
      AnalysedTokens corpus,
      RandomWindows anywhere,
      long[] firings,
      int[] nearest,
      CategoryDocuments documents,
      Optional<CategorySearch> categories,
      IntFunction<String> text,
      long seed) {
    int all() {
      return firings.length;
    }
  }

  /**
   * What is known of a range.
   *
   * @param coactivation of each feature
   * @param best of the range for each category
   */
  @SuppressWarnings("ArrayRecordComponent") // a carrier; never compared
  record Result(
      List<FeatureRow> features,
      List<HistogramRow> histograms,
      List<NeighboursRow> coactivation,
      SampleRow[] samples,
      Optional<CategorySearch.Best> best) {}

  private FeatureTile(Job job, Range features) {
    this.job = job;
    this.features = features;
    this.counts = new FeatureCounts(features, job.corpus);
    this.tokens = new TokenStatistics(features, job.corpus);
    this.coactivation = new Coactivation(features, job.all());
    this.documents = new DocumentMaxima(features, job.documents);
  }

  /** The features of a dictionary in ranges. */
  static List<Range> ranges(int all) {
    return Range.split(all, Math.min(MOST_FEATURES, Coactivation.mostFeatures(all)));
  }

  static Result analyse(Job job, Range features) {
    return new FeatureTile(job, features).result();
  }

  private Result result() {
    job.files.forEach(
        job.dictionary,
        (columns, codes) -> {
          counts.add(columns, codes);
          tokens.add(columns, codes);
          coactivation.add(codes);
          documents.add(columns, codes);
        });
    counts.finish();
    tokens.finish();
    documents.finish();
    byte[][] bands =
        IntStream.range(0, features.size())
            .mapToObj(f -> Bands.of(counts.windowGrid, f * Grid.BINS))
            .toArray(byte[][]::new);
    int[] nearest = Arrays.copyOfRange(job.nearest, features.from(), features.to());
    SampleChoice choice =
        new SampleChoice(features, job.corpus, counts, bands, nearest, job.all(), job.seed);
    job.files.forEach(job.dictionary, choice::add);
    choice.finish();
    NearDuplicates duplicates = new NearDuplicates(job.corpus.corpus());
    SampleActivations activations =
        new SampleActivations(
            features,
            job.corpus,
            IntStream.range(0, features.size())
                .mapToObj(f -> choice.samples(f, duplicates, job.anywhere))
                .toList());
    job.files.forEach(job.dictionary, activations::add);
    return rows(choice, bands, activations.rows());
  }

  private Result rows(SampleChoice choice, byte[][] bands, SampleRow[] samples) {
    List<FeatureRow> rows = new ArrayList<>();
    List<HistogramRow> histograms = new ArrayList<>();
    List<NeighboursRow> together = new ArrayList<>();
    Optional<CategorySearch.Best> best =
        job.categories.map(search -> search.new Best("features"));
    for (int f = 0; f < features.size(); f++) {
      rows.add(feature(f, bands[f], category(f, best)));
      histograms.add(histogram(f, choice));
      together.add(
          coactivation.strongest(
              f, job.firings, job.corpus.tokens(), CosineNeighbours.MOST, job.dictionary));
    }
    return new Result(rows, histograms, together, samples, best);
  }

  private Optional<FeatureRow.Category> category(int f, Optional<CategorySearch.Best> best) {
    if (job.categories.isEmpty() || counts.firings[f] == 0) {
      return Optional.empty();
    }
    CategorySearch search = job.categories.get();
    CategorySearch.Scores scores = documents.of(f);
    CategorySearch.Rule[] rules = search.choose(scores);
    best.orElseThrow().offer(features.from() + f, rules, scores);
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

  private FeatureRow feature(int f, byte[] bands, Optional<FeatureRow.Category> category) {
    long n = counts.firings[f];
    int at = f * Grid.BINS;
    float maximum = counts.maxima[f];
    double mean = n == 0 ? 0 : counts.sums[f] / n;
    double variance = n == 0 ? 0 : Math.max(0, counts.squares[f] / n - mean * mean);
    FeatureRow.Interval rate = Wilson.interval(n, job.corpus.tokens());
    float[] quantiles = new float[n == 0 ? 0 : FeatureRow.QUANTILES.length];
    for (int q = 0; q < quantiles.length; q++) {
      quantiles[q] = Bands.quantile(counts.grid, at, FeatureRow.QUANTILES[q], maximum);
    }
    TokenStatistics.Top top = tokens.top(f, TOP_TOKENS);
    boolean single =
        n >= SINGLE_TOKEN_FIRINGS && top.shares().length > 0 && top.shares()[0] >= SINGLE_TOKEN_SHARE;
    int buckets = job.corpus.buckets();
    return new FeatureRow(
        features.from() + f,
        n,
        rate,
        counts.contexts[f],
        maximum,
        (float) mean,
        (float) Math.sqrt(variance),
        quantiles,
        (float) tokens.tokenShare(f),
        new FeatureRow.TopTokens(
            top.ids(),
            Arrays.stream(top.ids()).mapToObj(job.text).toArray(String[]::new),
            top.firings(),
            top.shares()),
        Arrays.copyOfRange(counts.positions, f * buckets, (f + 1) * buckets),
        n == 0,
        rate.value() > DENSE_RATE,
        single,
        category,
        Bands.edges(bands, counts.windowGrid, at, maximum),
        Bands.counts(bands, counts.windowGrid, at));
  }

  private HistogramRow histogram(int f, SampleChoice choice) {
    int[] log = new int[HistogramRow.LOG_BINS];
    if (counts.firings[f] == 0) {
      return new HistogramRow(features.from() + f, new float[0], log, choice.linear(f));
    }
    int width = 16 / 8; // bins of the grid in one of the histogram
    int end = (Grid.bin(counts.maxima[f]) / width + 1) * width;
    int start = end - HistogramRow.LOG_BINS * width;
    for (int bin = 0; bin < Grid.BINS; bin++) {
      int target = Math.clamp((bin - start) / width, 0, HistogramRow.LOG_BINS - 1);
      log[bin < start ? 0 : target] += counts.grid[f * Grid.BINS + bin];
    }
    float[] edges = new float[HistogramRow.LOG_BINS + 1];
    for (int i = 0; i < edges.length; i++) {
      edges[i] = Grid.edge(start + i * width);
    }
    return new HistogramRow(features.from() + f, edges, log, choice.linear(f));
  }
}
