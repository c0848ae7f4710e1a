package dev.loupe.analyze;

import dev.loupe.activation.CorpusContexts;
import dev.loupe.dictionary.DictionaryFolder;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Screening;
import dev.loupe.dictionary.Suite;
import dev.loupe.files.AtomicFile;
import dev.loupe.files.AtomicFolder;
import dev.loupe.files.IoFailures;
import dev.loupe.files.Json;
import dev.loupe.model.Llama;
import dev.loupe.model.LlamaConfig;
import dev.loupe.store.FeatureStore;
import dev.loupe.store.StoreSummary;
import dev.loupe.store.WindowFile;
import dev.loupe.tensor.Team;
import dev.loupe.tensor.Torch;
import dev.loupe.text.Progress;
import dev.loupe.text.Source;
import dev.loupe.text.TokenCorpus;
import dev.loupe.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicReference;
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

  private static final String WORKING = ".analysis";

  private final AnalysisSetup setup;
  private final Progress progress;
  private final BooleanSupplier stop;
  private final List<DictionaryName> names;
  private final Path working;

  private Analysis(AnalysisSetup setup, Progress progress, BooleanSupplier stop) {
    this.setup = setup;
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
      Path windowFile,
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
    return new Analysis(setup, progress, stop).run();
  }

  private List<DictionaryName> run() {
    AnalysisSource.with(setup, progress, this::run);
    return names;
  }

  /** The whole work on what is open. */
  private void run(AnalysisSource source) {
    AnalysisRequest request = request(source);
    if (begin(request)) {
      analyse(source, request);
    }
    AtomicFolder.delete(working);
  }

  /** As {@link #run} with what is open already, without a way to stop it: for measuring. */
  static void run(AnalysisSource source, Progress progress) {
    new Analysis(source.setup(), progress, () -> false).run(source);
  }

  private AnalysisRequest request(AnalysisSource source) {
    return new AnalysisRequest(
        AnalysisRequest.FORMAT,
        setup.model().name(),
        source.model().fingerprint(),
        setup.lmDtype().torchName(),
        setup.corpus().sources().stream().map(Source::name).toList(),
        source.corpus().fingerprint(),
        setup.split().label(),
        setup.tokens(),
        setup.context(),
        setup.seed(),
        Screening.current().name().toLowerCase(Locale.ROOT),
        weights(names),
        weights(setup.suite().names()),
        floors(source.corpus()),
        Map.of("java", Runtime.version().toString(), "libtorch", Torch.version()),
        Torch.machine());
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

  private SortedMap<String, String> weights(List<DictionaryName> of) {
    SortedMap<String, String> sums = new TreeMap<>();
    of.forEach(name ->
        sums.put(
            name.toString(),
            DictionaryFolder.readContract(setup.suite().folder(name)).weightsSha256()));
    return sums;
  }

  /** Makes the working folder, or finds one to go on from; false where all stores are there. */
  private boolean begin(AnalysisRequest request) {
    AtomicFolder.removePartials(setup.out(), 1); // of an analysis that was killed
    if (names.stream().allMatch(name -> isDone(name, request))) {
      return false;
    }
    Path file = working.resolve(AnalysisRequest.FILE);
    if (Files.exists(file)) {
      List<String> differences = request.differences(Json.readObject(file));
      if (differences.isEmpty()) {
        return true;
      }
      if (!setup.restart()) {
        throw new IllegalArgumentException(
            "expected the analysis that was begun in %s, got one that differs in %s; give what it was begun with, or --restart to throw away what it has done"
                .formatted(working, String.join(", ", differences)));
      }
    }
    AtomicFolder.delete(working);
    try {
      Files.createDirectories(working);
    } catch (IOException e) {
      throw IoFailures.writing(working, e);
    }
    AnalysisRoom.checkDisk(setup.suite(), names, setup.tokens(), working);
    AtomicFile.writeJson(file, request);
    return true;
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

  private void analyse(AnalysisSource source, AnalysisRequest request) {
    CorpusContexts contexts = CorpusContexts.of(source.corpus());
    CategoryDocuments documents = CategoryDocuments.read(setup.corpus(), source.corpus(), contexts);
    CategorySearch search = new CategorySearch(documents);
    AtomicReference<CodeFiles> written = new AtomicReference<>();
    source.withPass(
        contexts,
        documents,
        pass -> {
          CodeFiles files = new CodeFiles(working, pass.parts());
          pass.run(files, progress, stop);
          written.set(files);
        });
    CodeFiles files = written.get();
    int ids = source.tokenizer().size();
    AnalysedTokens tokens = new AnalysedTokens(source.corpus(), contexts, ids, setup.seed());
    tokens.count(files);
    Path windowFile = working.resolve("windows.parquet");
    if (!Files.exists(windowFile)) {
      writeWindows(windowFile, files, tokens, source.tokenizer());
    }
    stores(
        new Job(
            setup.suite(),
            source.model(),
            ids,
            texts(source.tokenizer()),
            files,
            windowFile,
            tokens,
            new RandomWindows(tokens, setup.seed()),
            documents,
            documents.isEmpty() ? Optional.empty() : Optional.of(search),
            new Floors(files, documents, search, source.widths(), source.size()),
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

  private void writeWindows(
      Path file, CodeFiles files, AnalysedTokens tokens, Tokenizer tokenizer) {
    try (WindowFile out = WindowFile.create(file)) {
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
