package dev.loupe.analyze;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import dev.loupe.files.AtomicFolder;
import dev.loupe.files.PartFolders;
import dev.loupe.files.WorkPart;
import dev.loupe.model.Llama;
import dev.loupe.model.LlamaConfig;
import dev.loupe.store.FeatureStore;
import dev.loupe.store.StoreSummary;
import dev.loupe.store.WindowFile;
import dev.loupe.tensor.Team;
import dev.loupe.tensor.Torch;
import dev.loupe.text.Progress;
import dev.loupe.text.TokenCorpus;
import dev.loupe.text.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;

/**
 * Analyses a suite as a user asks for it: one pass of the language model leaves the codes of all
 * dictionaries on disk; from there on each dictionary becomes a feature store of its own. Opens
 * everything, runs, closes everything.
 *
 * <p>What is unfinished stays in {@code SUITE/features/.analysis} when a run is stopped or killed,
 * and the same request goes on from it, to the same bytes. From the codes on, nothing depends on
 * threads or batches.
 */
public final class Analysis {
  /**
   * Share of the free memory that dictionaries analysed side by side may take with their weights.
   */
  private static final int MEMORY_SHARE = 8;

  /** In the working folder, the text of all windows. */
  static final String WINDOWS = "windows.parquet";

  private static final String WORKING = ".analysis";

  private final AnalysisSetup setup;
  private final Optional<PartFolders> parts;
  private final Progress progress;
  private final BooleanSupplier stop;
  private final List<DictionaryName> names;
  private final Path working;

  private Analysis(
      AnalysisSetup setup, Optional<PartFolders> parts, Progress progress, BooleanSupplier stop) {
    this.setup = setup;
    this.parts = parts;
    this.progress = progress;
    this.stop = stop;
    this.names = setup.names();
    this.working = setup.out().resolve(WORKING);
  }

  /** What the analysis of a dictionary needs, all of it borrowed. */
  record Job(
      Suite suite,
      Llama model,
      int ids,
      IntFunction<String> text,
      CodeFiles files,
      Path working,
      AnalysedTokens corpus,
      RandomWindows anywhere,
      CategoryDocuments documents,
      Optional<CategorySearch> categories,
      Floors floors,
      SortedMap<String, StoreSummary> floorStores,
      AnalysisRequest request,
      Done done) {}

  /** Opens the feature store of one of a suite's dictionaries; the caller closes it. */
  public static FeatureStore open(Suite suite, DictionaryName name) {
    suite.folder(name); // refuses names that the suite lacks
    return FeatureStore.open(AnalysisSetup.features(suite).resolve(name.toString()));
  }

  /**
   * Writes the feature stores of a suite.
   *
   * @param stop asked now and then; once true, CancellationException, with what is done kept
   * @return the dictionaries whose stores are now there
   */
  public static List<DictionaryName> run(
      AnalysisSetup setup, Progress progress, BooleanSupplier stop) {
    return new Analysis(setup, Optional.empty(), progress, stop).run();
  }

  /**
   * Writes the feature stores that {@link #run} would, to the byte, from the parts that {@link
   * AnalysisPart} has written; these stay.
   *
   * @param setup as for the parts, but for {@code floor} and {@code out}, and {@code only} may name
   *     some of their dictionaries
   * @param parts the folder of all parts
   * @throws IllegalArgumentException where the parts do not make up what is asked for
   */
  public static List<DictionaryName> merge(
      AnalysisSetup setup, Path parts, Progress progress, BooleanSupplier stop) {
    return new Analysis(setup, Optional.of(AnalysisPart.folders(parts)), progress, stop).run();
  }

  private List<DictionaryName> run() {
    AnalysisSource.with(setup, progress, this::run);
    return names;
  }

  /** The whole work on what is open. */
  private void run(AnalysisSource source) {
    AnalysisRequest request = AnalysisRequest.of(source, floors(source.corpus()));
    AtomicFolder.removePartials(setup.out(), 1); // of an analysis that was killed
    if (!names.stream().allMatch(name -> isDone(name, request))) {
      Optional<List<Path>> found = parts.map(each -> AnalysisPart.all(each, request));
      WorkingFolder.begin(working, request, setup, found.isPresent() ? 0 : setup.tokens());
      analyse(source, request, found);
    }
    AtomicFolder.delete(working);
  }

  /** As {@link #run} with what is open already, without a way to stop it: for measuring. */
  static void run(AnalysisSource source, Progress progress) {
    new Analysis(source.setup(), Optional.empty(), progress, () -> false).run(source);
  }

  private SortedMap<String, String> floors(TokenCorpus corpus) {
    SortedMap<String, String> requests = new TreeMap<>();
    floorStores(corpus).forEach((name, summary) -> requests.put(name, summary.request()));
    return requests;
  }

  /** What the suite without knowledge found, by the name of the dictionary. */
  private SortedMap<String, StoreSummary> floorStores(TokenCorpus corpus) {
    SortedMap<String, StoreSummary> stores = new TreeMap<>();
    setup
        .floor()
        .ifPresent(floor ->
            names.forEach(name -> {
              Path folder = AnalysisSetup.features(floor).resolve(name.toString());
              StoreSummary summary = FeatureStore.summary(folder);
              if (!summary.corpusFingerprint().equals(corpus.fingerprint())) {
                throw new IllegalArgumentException(
                    "expected a floor that was analysed on the same tokens (corpus, split,"
                        + " --tokens, --context, --seed), got others in "
                        + folder);
              }
              stores.put(name.toString(), summary);
            }));
    return stores;
  }

  private boolean isDone(DictionaryName name, AnalysisRequest request) {
    Path folder = setup.out().resolve(name.toString());
    return FeatureStore.isWritten(folder)
        && FeatureStore.summary(folder).request().equals(own(name, request).fingerprint());
  }

  /** What the store of one dictionary depends on. */
  private AnalysisRequest own(DictionaryName name, AnalysisRequest request) {
    return request.of(name, CosineNeighbours.others(name, setup.suite().names()));
  }

  private void analyse(AnalysisSource source, AnalysisRequest request, Optional<List<Path>> found) {
    AnalysedContexts text = AnalysedContexts.of(source);
    CodeFiles files =
        found
            .map(CodeFiles::ofParts)
            .orElseGet(
                () -> AnalysisPart.codes(source, text, WorkPart.WHOLE, working, progress, stop));
    List<DictionaryName> encoded =
        found.map(folders -> AnalysisPart.request(folders.getFirst()).names()).orElse(names);
    int ids = source.tokenizer().size();
    CategoryDocuments documents = text.documents();
    AnalysedTokens tokens = new AnalysedTokens(source.corpus(), text.contexts(), ids, setup.seed());
    tokens.count(files);
    if (!Files.exists(working.resolve(WINDOWS))) {
      writeWindows(files, tokens, source.tokenizer());
    }
    CategorySearch search = new CategorySearch(documents);
    stores(
        new Job(
            setup.suite(),
            source.model(),
            ids,
            texts(source.tokenizer()),
            files,
            working,
            tokens,
            new RandomWindows(tokens, setup.seed()),
            documents,
            documents.isEmpty() ? Optional.empty() : Optional.of(search),
            new Floors(files, documents, search, source.widths(encoded), source.size()),
            floorStores(source.corpus()),
            request,
            new Done(progress)));
  }

  /** The text of every id: each is asked for many times. */
  private static IntFunction<String> texts(Tokenizer tokenizer) {
    String[] texts = new String[tokenizer.size()];
    Arrays.setAll(texts, tokenizer::piece);
    return id -> texts[id];
  }

  private void writeWindows(CodeFiles files, AnalysedTokens tokens, Tokenizer tokenizer) {
    try (WindowFile out = WindowFile.create(working.resolve(WINDOWS))) {
      WindowTexts.write(setup.corpus(), tokens, tokenizer, out, progress);
      WindowTexts.writeLosses(files, tokens, out);
      out.finish();
    }
  }

  /** One dictionary after another where they are large, else several side by side. */
  private void stores(Job job) {
    List<DictionaryName> left =
        names.stream().filter(name -> !isDone(name, job.request())).toList();
    job.done().begin(features(names), features(names) - features(left));
    if (fitSideBySide(job.model())) {
      Team.forEach(left, name -> store(job, name));
    } else {
      left.forEach(name -> store(job, name));
    }
    if (stop.getAsBoolean()) {
      throw new CancellationException("the analysis was stopped; the same command goes on");
    }
  }

  private long features(List<DictionaryName> of) {
    long size = LlamaConfig.read(setup.model().directory()).hiddenSize();
    return of.stream().mapToLong(name -> size * name.expansion()).sum();
  }

  /** Counts features as threads finish them. */
  static final class Done {
    private final Progress progress;
    private long total;
    private long done;

    Done(Progress progress) {
      this.progress = progress;
    }

    synchronized void begin(long features, long doneBefore) {
      total = features;
      done = doneBefore;
      add(0);
    }

    synchronized void add(int features) {
      done += features;
      progress.report("analysing (features)", done, total);
    }
  }

  private boolean fitSideBySide(Llama model) {
    long weights =
        names.stream().mapToInt(DictionaryName::expansion).max().orElse(1)
            * 8L
            * model.config().hiddenSize()
            * model.config().hiddenSize();
    // itself, one to compare with, and both normalised
    return 4 * weights * Torch.threads() < Torch.freeMemoryBytes() / MEMORY_SHARE;
  }

  private void store(Job job, DictionaryName name) {
    if (!stop.getAsBoolean()) {
      Path folder = setup.out().resolve(name.toString());
      DictionaryAnalysis.write(job, name, own(name, job.request()), folder);
    }
  }
}
