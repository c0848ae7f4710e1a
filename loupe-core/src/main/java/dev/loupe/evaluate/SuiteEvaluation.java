package dev.loupe.evaluate;

import dev.loupe.activation.Activations;
import dev.loupe.activation.Capturing;
import dev.loupe.activation.CorpusContexts;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.DictionaryFolder;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Screening;
import dev.loupe.dictionary.ScreeningCheck;
import dev.loupe.dictionary.Suite;
import dev.loupe.dictionary.Weights;
import dev.loupe.files.WorkPart;
import dev.loupe.model.Hook;
import dev.loupe.model.Llama;
import dev.loupe.model.LlamaConfig;
import dev.loupe.model.ModelFolder;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.Progress;
import dev.loupe.text.Source;
import dev.loupe.text.Split;
import dev.loupe.text.TokenCorpus;
import dev.loupe.text.Tokenizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** Evaluates a suite as a user asks for it: opens everything, runs, closes everything. */
public final class SuiteEvaluation {
  /** Padded tokens of one forward pass of the language model. */
  private static final int MODEL_BATCH_TOKENS = 4_096;

  /** Tokens of the training split over which the mean activations are measured. */
  private static final long MEAN_TOKENS = 16_384;

  private SuiteEvaluation() {}

  /**
   * What to evaluate, on what.
   *
   * @param only some of the suite's dictionaries; all if empty
   * @param tokens of the held-out split for rates
   * @param lossTokens for losses
   * @param context positions of a context; 0 for the suite's own
   * @param beside what is evaluated beside them
   * @param otherModel whether another model than the suite's is wanted
   */
  public record Setup(
      Suite suite,
      ModelFolder model,
      CorpusSpec corpus,
      List<DictionaryName> only,
      long tokens,
      long lossTokens,
      int context,
      long seed,
      Set<Beside> beside,
      boolean otherModel,
      boolean skipBadLines,
      DType lmDtype,
      Device device) {
    public Setup {
      only = List.copyOf(only);
      beside = Set.copyOf(beside);
    }

    /** Which dictionaries; refuses names that the suite lacks. */
    List<DictionaryName> names() {
      List<DictionaryName> names = only.isEmpty() ? suite.names() : only;
      names.forEach(suite::folder);
      return names;
    }

    EvaluationRequest request() {
      return EvaluationRequest.of(lossTokens, seed);
    }

    /** The same dictionaries on another model and text. */
    Setup on(ModelFolder other, CorpusSpec texts) {
      return new Setup(
          suite,
          other,
          texts,
          only,
          tokens,
          lossTokens,
          context,
          seed,
          beside,
          true,
          skipBadLines,
          lmDtype,
          device);
    }
  }

  /** What can be evaluated beside dictionaries. */
  public enum Beside {
    /** Principal components and random directions, see {@link Floors}. */
    FLOORS,
    /** Each TopK dictionary with the gate that it was trained with, as {@code NAME-topkgate}. */
    TRAINED_GATE
  }

  public static Report run(Setup setup, Progress progress, BooleanSupplier stop) {
    return counting(setup, progress, stop).report();
  }

  /** As {@link #run}, with the firings that its rates are made of. */
  static Evaluation.Result counting(Setup setup, Progress progress, BooleanSupplier stop) {
    return with(
        setup,
        WorkPart.WHOLE,
        progress,
        on -> {
          Evaluation.Result result = Evaluation.counting(on, setup.request(), progress, stop);
          List<String> corpus = setup.corpus.sources().stream().map(Source::name).toList();
          return new Evaluation.Result(
              result.report().withNames(setup.model.name(), corpus), result.firings());
        });
  }

  /** Opens what a part of an evaluation needs, for as long as some work runs. */
  static <T> T with(
      Setup setup, WorkPart part, Progress progress, Function<Evaluation.Evaluated, T> work) {
    LlamaConfig config = LlamaConfig.read(setup.model.directory());
    setup.names(); // refuses names that the suite lacks
    try (Tokenizer tokenizer = Tokenizer.load(setup.model.directory())) {
      ModelFolder.checkTokenizer(config, tokenizer);
      try (TokenCorpus heldOut = open(setup, tokenizer, Split.HELD_OUT, setup.tokens, progress);
          TokenCorpus train = open(setup, tokenizer, Split.TRAIN, MEAN_TOKENS, progress);
          Llama model = Llama.load(setup.model.directory(), setup.lmDtype, setup.device)) {
        setup.suite.checkModel(model.fingerprint(), setup.model.name(), setup.otherModel);
        return with(setup, part, model, heldOut, train, work);
      }
    }
  }

  /**
   * Errors, L0 and losses by position, in contexts of the setup's length that are full.
   *
   * @throws IllegalArgumentException where the model is not made for so long a context, or no
   *     document is so long
   */
  public static PositionReport byPosition(Setup setup, Progress progress, BooleanSupplier stop) {
    LlamaConfig config = LlamaConfig.read(setup.model.directory());
    if (setup.context > config.maxPositions()) {
      throw new IllegalArgumentException(
          "expected a context of at most %d, which %s is made for, got %d"
              .formatted(config.maxPositions(), setup.model.name(), setup.context));
    }
    List<DictionaryName> names = setup.names();
    List<Subject> subjects = new ArrayList<>();
    try (Tokenizer tokenizer = Tokenizer.load(setup.model.directory())) {
      ModelFolder.checkTokenizer(config, tokenizer);
      try (TokenCorpus heldOut = open(setup, tokenizer, Split.HELD_OUT, setup.tokens, progress);
          Llama model = Llama.load(setup.model.directory(), setup.lmDtype, setup.device)) {
        setup.suite.checkModel(model.fingerprint(), setup.model.name(), setup.otherModel);
        names.forEach(name -> subjects.add(Subject.of(setup.suite.dictionary(name))));
        return PositionEvaluation.run(
                model,
                subjects,
                heldOut,
                setup.context,
                setup.suite.manifest().recipe().path("context").asInt(),
                EvaluationRequest.of(Math.max(1, setup.lossTokens), setup.seed),
                progress,
                stop)
            .withNames(
                setup.model.name(), setup.corpus.sources().stream().map(Source::name).toList());
      } finally {
        subjects.forEach(subject -> subject.dictionary().close());
      }
    }
  }

  private static <T> T with(
      Setup setup,
      WorkPart part,
      Llama model,
      TokenCorpus heldOut,
      TokenCorpus train,
      Function<Evaluation.Evaluated, T> work) {
    List<DictionaryName> names = setup.names();
    List<Subject> subjects = new ArrayList<>();
    try {
      names.forEach(name -> subjects.add(subject(setup.suite, name)));
      if (setup.beside.contains(Beside.TRAINED_GATE)) {
        names.forEach(name -> withTrainedGate(setup.suite, name).ifPresent(subjects::add));
      }
      if (setup.beside.contains(Beside.FLOORS)) {
        floors(setup, names, model, train).forEach(floor -> subjects.add(Subject.of(floor)));
      }
      Set<Hook> outputs = new TreeSet<>();
      CorpusContexts contexts = CorpusContexts.of(heldOut);
      if (!Evaluation.lossBatches(contexts, setup.lossTokens, part).isEmpty()) {
        subjects.forEach(subject -> outputs.add(subject.hookOut()));
      }
      try (TrainingMeans means = TrainingMeans.measure(model, train, outputs)) {
        return work.apply(new Evaluation.Evaluated(model, subjects, heldOut, means.byHook()));
      }
    } finally {
      subjects.forEach(subject -> subject.dictionary().close());
    }
  }

  /** How often screening leads to the K features of each held-out token that float32 selects. */
  public static List<ScreeningCheck.Agreement> screening(Setup setup, Progress progress) {
    List<DictionaryName> names = setup.names();
    try (Tokenizer tokenizer = Tokenizer.load(setup.model.directory());
        TokenCorpus corpus = open(setup, tokenizer, Split.HELD_OUT, setup.tokens, progress);
        Llama model = Llama.load(setup.model.directory(), setup.lmDtype, setup.device)) {
      setup.suite.checkModel(model.fingerprint(), setup.model.name(), setup.otherModel);
      List<ScreeningCheck.Agreement> all = new ArrayList<>();
      for (DictionaryName name : names) {
        progress.report("screening", all.size(), names.size());
        int k = setup.suite.recipe(name).path("k").asInt();
        try (Dictionary dictionary = setup.suite.dictionary(name);
            ScreeningCheck check = new ScreeningCheck(dictionary, k, Screening.current())) {
          Set<Hook> hooks = Set.of(dictionary.contract().hookIn());
          for (int i = 0; i < corpus.batches(); i++) {
            try (Activations batch = Capturing.activations(model, corpus.batch(i), hooks)) {
              check.add(batch.at(dictionary.contract().hookIn()));
            }
          }
          all.add(check.agreement());
        }
      }
      progress.report("screening", all.size(), names.size());
      return all;
    }
  }

  private static Optional<Subject> withTrainedGate(Suite suite, DictionaryName name) {
    DictionaryName other =
        new DictionaryName(
            name.layer(),
            name.site(),
            name.expansion(),
            name.variant().isEmpty() ? "topkgate" : name.variant() + ".topkgate");
    return DictionaryFolder.trainedGate(suite.folder(name))
        .map(gate -> {
          try (Dictionary own = suite.dictionary(name)) {
            return Subject.of(other, own.withGate(gate));
          }
        });
  }

  /** With as many features for a token as the recipe of the first dictionary of a site has. */
  private static List<Dictionary> floors(
      Setup setup, List<DictionaryName> names, Llama model, TokenCorpus train) {
    Map<DictionaryName, Integer> k = new LinkedHashMap<>();
    names.forEach(name -> k.put(name, setup.suite.recipe(name).path("k").asInt()));
    return Floors.of(model, train, k, setup.suite.manifest().tokenPolicy(), setup.seed);
  }

  private static Subject subject(Suite suite, DictionaryName name) {
    Dictionary dictionary = suite.dictionary(name);
    try (Weights raw = DictionaryFolder.readRawWeights(suite.folder(name))) {
      return Subject.of(dictionary, raw);
    } catch (RuntimeException | Error e) {
      dictionary.close();
      throw e;
    }
  }

  static TokenCorpus open(
      Setup setup, Tokenizer tokenizer, Split split, long tokens, Progress progress) {
    return TokenCorpus.open(
        setup.corpus,
        tokenizer,
        setup.suite.tokens(
            split, tokens, setup.context, setup.seed, MODEL_BATCH_TOKENS, setup.skipBadLines),
        progress);
  }
}
