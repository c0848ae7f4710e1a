package dev.loupe.evaluate;

import dev.loupe.activation.Activations;
import dev.loupe.activation.Capturing;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.DictionaryFolder;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Screening;
import dev.loupe.dictionary.ScreeningCheck;
import dev.loupe.dictionary.Suite;
import dev.loupe.dictionary.Weights;
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
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;

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
      boolean otherModel,
      boolean skipBadLines,
      DType lmDtype,
      Device device) {}

  public static Report run(Setup setup, Progress progress, BooleanSupplier stop) {
    LlamaConfig config = LlamaConfig.read(setup.model.directory());
    List<DictionaryName> names = setup.only.isEmpty() ? setup.suite.names() : setup.only;
    names.forEach(setup.suite::folder); // refuses names that the suite lacks
    try (Tokenizer tokenizer = Tokenizer.load(setup.model.directory())) {
      ModelFolder.checkTokenizer(config, tokenizer);
      try (TokenCorpus heldOut = open(setup, tokenizer, Split.HELD_OUT, setup.tokens, progress);
          TokenCorpus train = open(setup, tokenizer, Split.TRAIN, MEAN_TOKENS, progress);
          Llama model = Llama.load(setup.model.directory(), setup.lmDtype, setup.device)) {
        setup.suite.checkModel(model.fingerprint(), setup.model.name(), setup.otherModel);
        return run(setup, names, model, heldOut, train, progress, stop)
            .withNames(
                setup.model.name(), setup.corpus.sources().stream().map(Source::name).toList());
      }
    }
  }

  private static Report run(
      Setup setup,
      List<DictionaryName> names,
      Llama model,
      TokenCorpus heldOut,
      TokenCorpus train,
      Progress progress,
      BooleanSupplier stop) {
    List<Subject> subjects = new ArrayList<>();
    try {
      names.forEach(name -> subjects.add(subject(setup.suite, name)));
      Set<Hook> outputs = new TreeSet<>();
      subjects.forEach(subject -> outputs.add(subject.hookOut()));
      try (TrainingMeans means = TrainingMeans.measure(model, train, outputs)) {
        return Evaluation.run(
            model,
            subjects,
            heldOut,
            means.byHook(),
            EvaluationRequest.of(setup.lossTokens, setup.seed),
            progress,
            stop);
      }
    } finally {
      subjects.forEach(subject -> subject.dictionary().close());
    }
  }

  /** How often screening leads to the K features of each held-out token that float32 selects. */
  public static List<ScreeningCheck.Agreement> screening(Setup setup, Progress progress) {
    List<DictionaryName> names = setup.only.isEmpty() ? setup.suite.names() : setup.only;
    names.forEach(setup.suite::folder);
    int k = setup.suite.manifest().recipe().path("k").asInt();
    try (Tokenizer tokenizer = Tokenizer.load(setup.model.directory());
        TokenCorpus corpus = open(setup, tokenizer, Split.HELD_OUT, setup.tokens, progress);
        Llama model = Llama.load(setup.model.directory(), setup.lmDtype, setup.device)) {
      setup.suite.checkModel(model.fingerprint(), setup.model.name(), setup.otherModel);
      List<ScreeningCheck.Agreement> all = new ArrayList<>();
      for (DictionaryName name : names) {
        progress.report("screening", all.size(), names.size());
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

  private static Subject subject(Suite suite, DictionaryName name) {
    Dictionary dictionary = suite.dictionary(name);
    try (Weights raw = DictionaryFolder.readRawWeights(suite.folder(name))) {
      return Subject.of(dictionary, raw);
    } catch (RuntimeException | Error e) {
      dictionary.close();
      throw e;
    }
  }

  private static TokenCorpus open(
      Setup setup, Tokenizer tokenizer, Split split, long tokens, Progress progress) {
    return TokenCorpus.open(
        setup.corpus,
        tokenizer,
        setup.suite.tokens(
            split, tokens, setup.context, setup.seed, MODEL_BATCH_TOKENS, setup.skipBadLines),
        progress);
  }
}
