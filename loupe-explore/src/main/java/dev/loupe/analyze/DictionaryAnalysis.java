package dev.loupe.analyze;

import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.files.AtomicFolder;
import dev.loupe.kernel.Range;
import dev.loupe.model.Hook;
import dev.loupe.store.FeatureStoreWriter;
import dev.loupe.store.LogitsRow;
import dev.loupe.store.NeighboursRow;
import dev.loupe.store.SampleRow;
import dev.loupe.store.StoreSummary;
import dev.loupe.tensor.Team;
import dev.loupe.tensor.Torch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/** From the codes of one dictionary to its feature store. Borrows everything. */
final class DictionaryAnalysis {
  private final Analysis.Job job;
  private final DictionaryName name;
  private final AnalysisRequest request;
  private final BitSet windows = new BitSet(); // that samples refer to, and those around them
  private int dead;
  private int dense;
  private int singleToken;
  private long active;
  private Optional<CategorySearch.Best> best = Optional.empty();

  private DictionaryAnalysis(Analysis.Job job, DictionaryName name, AnalysisRequest request) {
    this.job = job;
    this.name = name;
    this.request = request;
  }

  /**
   * Writes the store of a dictionary, in place of one that is there.
   *
   * @param request what this store depends on
   */
  static void write(Analysis.Job job, DictionaryName name, AnalysisRequest request, Path store) {
    AtomicFolder.replace(store, folder -> new DictionaryAnalysis(job, name, request).write(folder));
  }

  private void write(Path folder) {
    try (Dictionary dictionary = job.suite().dictionary(name);
        StoredCodes codes = open(dictionary);
        FeatureStoreWriter writer = FeatureStoreWriter.open(job.working(), folder)) {
      int all = Math.toIntExact(dictionary.features());
      List<List<NeighboursRow>> within = CosineNeighbours.of(dictionary, dictionary);
      int[] nearest =
          within.stream()
              .mapToInt(rows ->
                  rows.getFirst().neighbours().length == 0 ? -1 : rows.getFirst().neighbours()[0])
              .toArray();
      List<List<List<NeighboursRow>>> across = new ArrayList<>(List.of(within));
      for (DictionaryName other : CosineNeighbours.others(name, job.suite().names())) {
        try (Dictionary opened = job.suite().dictionary(other)) {
          across.add(CosineNeighbours.of(dictionary, opened));
        }
      }
      LogitLens lens = new LogitLens(job.model(), job.ids(), job.text());
      for (Range block : codes.blocks()) {
        FeatureAnalysis.Job features = features(codes, codes.read(block), nearest);
        List<Range> ranges = FeatureAnalysis.ranges(block);
        for (Range some : Range.split(ranges.size(), 2 * Torch.threads())) {
          List<Range> these = ranges.subList(some.from(), some.to());
          List<FeatureAnalysis.Results> results =
              Team.map(these, range -> FeatureAnalysis.run(features, range));
          for (int i = 0; i < these.size(); i++) {
            List<LogitsRow> logits = lens.rows(dictionary.weights().decoder(), these.get(i));
            add(writer, these.get(i), results.get(i), across, logits);
            job.done().add(these.get(i).size());
          }
        }
      }
      writer.finish(
          windows.stream().toArray(),
          job.working().resolve(Analysis.WINDOWS),
          summary(all, dictionary.contract().hookIn()));
    }
  }

  private StoredCodes open(Dictionary dictionary) {
    return StoredCodes.open(job.files(), name.toString(), Math.toIntExact(dictionary.features()));
  }

  private FeatureAnalysis.Job features(StoredCodes codes, FeatureBlock block, int[] nearest) {
    return new FeatureAnalysis.Job(
        name.toString(),
        codes,
        block,
        Coactivation.count(codes, block.features()),
        job.corpus(),
        job.anywhere(),
        nearest,
        job.documents(),
        job.categories(),
        job.ids(),
        job.text(),
        request.seed());
  }

  private void add(
      FeatureStoreWriter writer,
      Range range,
      FeatureAnalysis.Results results,
      List<List<List<NeighboursRow>>> across,
      List<LogitsRow> logits) {
    for (int i = 0; i < range.size(); i++) {
      FeatureAnalysis.Result result = results.features().get(i);
      add(writer, result);
      writer.add(logits.get(i));
      for (List<List<NeighboursRow>> rows : across) {
        rows.get(range.from() + i).forEach(writer::add);
      }
      writer.add(result.coactivation());
    }
    results
        .best()
        .ifPresent(found -> {
          if (best.isPresent()) {
            best.get().merge(found);
          } else {
            best = Optional.of(found);
          }
        });
  }

  private void add(FeatureStoreWriter writer, FeatureAnalysis.Result result) {
    writer.add(result.feature());
    writer.add(result.histogram());
    for (SampleRow sample : result.samples()) {
      writer.add(sample);
      mark(sample);
    }
    dead += result.feature().dead() ? 1 : 0;
    dense += result.feature().dense() ? 1 : 0;
    singleToken += result.feature().singleToken() ? 1 : 0;
    active += result.feature().firings();
  }

  /** Keeps the window of a sample and those around it. */
  private void mark(SampleRow sample) {
    int context = job.corpus().contextOf(sample.window());
    int first = job.corpus().firstWindow(context);
    int last = job.corpus().firstWindow(context + 1) - 1;
    windows.set(Math.max(first, sample.window() - 1), Math.min(last, sample.window() + 1) + 1);
  }

  private StoreSummary summary(int features, Hook hook) {
    AnalysedTokens corpus = job.corpus();
    List<Long> positions = new ArrayList<>();
    for (long tokens : corpus.positionTokens()) {
      positions.add(tokens);
    }
    return new StoreSummary(
        StoreSummary.FORMAT,
        name,
        request.fingerprint(),
        request.model(),
        request.modelFingerprint(),
        request.corpus(),
        request.corpusFingerprint(),
        request.split(),
        corpus.contexts().longest(),
        request.seed(),
        corpus.tokens(),
        corpus.contexts().size(),
        corpus.contexts().documents(),
        positions,
        features,
        dead,
        dense,
        singleToken,
        (double) active / corpus.tokens(),
        categories(features, hook));
  }

  private Optional<StoreSummary.Categories> categories(int features, Hook hook) {
    return job.categories()
        .map(search -> {
          List<StoreSummary.Search> floors = new ArrayList<>(job.floors().of(hook, features));
          StoreSummary floor = job.floorStores().get(name.toString());
          if (floor != null) {
            floor
                .categories()
                .ifPresent(
                    other -> floors.add(other.measured().among("features on " + floor.model())));
          }
          return new StoreSummary.Categories(
              search.choosingCount(), search.scoringCount(), best.orElseThrow().summary(), floors);
        });
  }
}
