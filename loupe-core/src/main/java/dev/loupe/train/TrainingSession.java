package dev.loupe.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.activation.ActivationCache;
import dev.loupe.activation.ActivationSource;
import dev.loupe.activation.ModelPass;
import dev.loupe.dictionary.Contract;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Screening;
import dev.loupe.dictionary.Suite;
import dev.loupe.files.Checksums;
import dev.loupe.files.Json;
import dev.loupe.model.LlamaConfig;
import dev.loupe.model.ModelFolder;
import dev.loupe.model.ModelOnDemand;
import dev.loupe.tensor.Torch;
import dev.loupe.text.Progress;
import dev.loupe.text.Source;
import dev.loupe.text.Split;
import dev.loupe.text.TokenCorpus;
import dev.loupe.text.TokenRequest;
import dev.loupe.text.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * A run from a user's setup to the trained suite: opens model, tokenizer and corpus, and owns them
 * until closed. What cannot work is refused before anything is loaded or written.
 */
public final class TrainingSession implements AutoCloseable {
  private final TrainingSetup setup;
  private final Grid grid;
  private final TrainingRequest request;
  private final List<List<DictionaryName>> passes;
  private final Optional<ResumeState.State> begun;
  private final Tokenizer tokenizer;
  private final TokenCorpus corpus;
  private final ModelOnDemand model;

  private TrainingSession(
      TrainingSetup setup,
      Grid grid,
      TrainingRequest request,
      List<List<DictionaryName>> passes,
      Optional<ResumeState.State> begun,
      Tokenizer tokenizer,
      TokenCorpus corpus,
      ModelOnDemand model) {
    this.setup = setup;
    this.grid = grid;
    this.request = request;
    this.passes = passes;
    this.begun = begun;
    this.tokenizer = tokenizer;
    this.corpus = corpus;
    this.model = model;
  }

  /** The caller closes it. */
  public static TrainingSession open(TrainingSetup setup, Progress progress) {
    return open(setup, Grid.alone(), progress);
  }

  /**
   * One rank's part of a run; the caller closes it. The suite's folder is one that all ranks see.
   *
   * @param grid borrowed
   */
  public static TrainingSession open(TrainingSetup setup, Grid grid, Progress progress) {
    checkRanks(setup, grid);
    LlamaConfig config = LlamaConfig.read(setup.model().directory());
    TrainingRequest draft = request(setup, setup.recipe().bufferTokens());
    SuiteTrainer.checkNames(draft, config);
    if (setup.resume() == Resume.NO && grid.isFirst()) {
      Suite.checkFree(setup.out());
    }
    boolean finished = setup.resume() != Resume.NO && isFinished(setup.out());
    Optional<ResumeState.State> begun =
        setup.resume() == Resume.NO || finished
            ? Optional.empty()
            : ResumeState.latest(setup.out());
    Optional<Suite.Manifest> before =
        finished
            ? Optional.of(Suite.open(setup.out()).manifest())
            : begun.map(ResumeState.State::manifest);
    int count = setup.passes().orElse(before.map(Suite.Manifest::passes).orElse(1));
    List<List<DictionaryName>> passes = Passes.split(setup.names(), count);
    Tokenizer tokenizer = Tokenizer.load(setup.model().directory());
    TokenCorpus corpus = null;
    try {
      ModelFolder.checkTokenizer(config, tokenizer);
      corpus = TokenCorpus.open(setup.corpus(), tokenizer, tokens(setup, config), progress);
      ModelOnDemand model =
          new ModelOnDemand(setup.model().directory(), setup.lmDtype(), setup.device());
      int own = Passes.bufferTokens(passes, setup.recipe(), setup.buffer(), config);
      int buffer = Math.toIntExact(grid.ofFirst(own)); // free memory differs from rank to rank
      return new TrainingSession(
          setup, grid, request(setup, buffer), passes, begun, tokenizer, corpus, model);
    } catch (RuntimeException | Error e) {
      if (corpus != null) {
        corpus.close();
      }
      tokenizer.close();
      throw e;
    }
  }

  /** Refuses what ranks that train together cannot do. */
  private static void checkRanks(TrainingSetup setup, Grid grid) {
    if (!grid.isAlone() && setup.step() != StepKind.TORCH) {
      throw new IllegalArgumentException(
          "expected --step torch, on which ranks train together, got "
              + setup.step().describe(Screening.current()));
    }
    if (!grid.isAlone() && setup.buffer().cache().isPresent()) {
      throw new IllegalArgumentException(
          "expected no --activation-cache with --ranks, which share the buffer instead");
    }
  }

  private static TrainingRequest request(TrainingSetup setup, int bufferTokens) {
    return new TrainingRequest(
        setup.recipes(), setup.names(), setup.tokens(), setup.seed(), bufferTokens);
  }

  private static TokenRequest tokens(TrainingSetup setup, LlamaConfig config) {
    Recipe recipe = setup.recipe();
    return new TokenRequest(
        Split.TRAIN,
        TrainingRequest.tokensNeeded(recipe, setup.tokens()),
        setup.epochs(),
        recipe.context(),
        recipe.documents(),
        setup.seed(),
        Passes.modelBatch(recipe, config),
        setup.skipBadLines());
  }

  /** The language model, borrowed; not loaded until it has to run. */
  public ModelOnDemand model() {
    return model;
  }

  /** The corpus in tokens, borrowed. */
  public TokenCorpus corpus() {
    return corpus;
  }

  /** Whether a folder holds a run that was begun, and may be gone on with. */
  public static boolean isBegun(Path suite) {
    return ResumeState.isBegun(suite);
  }

  /** Whether a folder holds a suite of which all steps are done and everything is written. */
  public static boolean isFinished(Path suite) {
    if (!Suite.isWritten(suite)) {
      return false;
    }
    Suite.Manifest manifest = Suite.open(suite).manifest();
    return manifest.stepsDone() == manifest.steps();
  }

  /** Whether a folder holds a run with something to go on from, or a finished one. */
  public static boolean canGoOn(Path suite) {
    return isFinished(suite) || ResumeState.isSaved(suite);
  }

  /**
   * Trains, post-processes and writes the suite. Does nothing but tidy up if a run that goes on is
   * finished.
   *
   * @param stop asked after each step, which then ends with what there is; and while the buffer
   *     fills, when there is nothing yet to write, with CancellationException
   */
  public SuiteTrainer.Result run(Progress progress, BooleanSupplier stop) {
    return run(
        progress,
        stop,
        (recipe, scale, initial) ->
            grid.isAlone()
                ? setup.step().step(recipe, scale, Screening.current(), initial)
                : new TorchStep(recipe, scale, initial, grid));
  }

  SuiteTrainer.Result run(Progress progress, BooleanSupplier stop, StepFactory steps) {
    TrainingJob job =
        new TrainingJob(
            request, passes, setup.out(), manifest(), setup.resume(), setup.safeguards(), grid);
    ObjectNode decisions = Json.mapper().valueToTree(job.manifest());
    grid.checkAlike(decisions.without(List.of("machine", "threads")).toString());
    if (setup.resume() != Resume.NO && isFinished(setup.out())) {
      return SuiteTrainer.alreadyFinished(job);
    }
    Optional<ResumeState.State> state = begun;
    int pass = state.map(ResumeState.State::pass).orElse(0);
    while (true) {
      try (SuiteTrainer trainer =
          new SuiteTrainer(job, pass, state, source(passes.get(pass)), steps, progress, stop)) {
        SuiteTrainer.Result result = trainer.run(progress, stop);
        if (result.isWhole() || !trainer.isPassDone() || grid.any(stop.getAsBoolean())) {
          return result;
        }
        state = Optional.of(trainer.lastState());
      }
      pass++;
    }
  }

  private ActivationSource source(List<DictionaryName> names) {
    ModelPass pass = new ModelPass(model, corpus, Passes.hooks(names));
    return setup
        .buffer()
        .cache()
        .<ActivationSource>map(place -> new ActivationCache(pass, place, cacheKey()))
        .orElse(pass);
  }

  private ActivationCache.Key cacheKey() {
    return new ActivationCache.Key(
        model.fingerprint(),
        setup.lmDtype().torchName(),
        tokenizerFingerprint(),
        corpus.fingerprint(),
        Json.mapper().valueToTree(Contract.TokenPolicy.of(tokenizer.special())).toString(),
        Torch.version(),
        version(),
        Torch.machine());
  }

  private String tokenizerFingerprint() {
    return Checksums.sha256(setup.model().directory().resolve("tokenizer.json"));
  }

  private Suite.Manifest manifest() {
    Map<String, String> versions = new TreeMap<>();
    versions.put("java", System.getProperty("java.version"));
    versions.put("libtorch", Torch.version());
    versions.put("loupe", version());
    return new Suite.Manifest(
        Suite.Manifest.FORMAT,
        setup.model().name(),
        model.fingerprint(),
        tokenizerFingerprint(),
        corpusName(),
        corpus.fingerprint(),
        setup.recipes().json(),
        setup.tokens(),
        request.steps(),
        0,
        setup.seed(),
        request.bufferTokens(),
        setup.buffer().dtype().torchName(),
        setup.lmDtype().torchName(),
        setup.step().describe(Screening.current())
            + (grid.isAlone() ? "" : ", ranks " + grid.shape()),
        Contract.TokenPolicy.of(tokenizer.special()),
        versions,
        Torch.machine(),
        Torch.threads(),
        passes.size(),
        setup.names(),
        List.of(),
        Map.of());
  }

  private String corpusName() {
    return setup.corpus().sources().stream()
        .map(source -> source.name() + "=" + share(source))
        .collect(Collectors.joining(","));
  }

  private static String share(Source source) {
    return String.valueOf(Math.round(source.share() * 1e6) / 1e6);
  }

  private static String version() {
    String version = TrainingSession.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  @Override
  public void close() {
    model.close();
    corpus.close();
    tokenizer.close();
  }
}
