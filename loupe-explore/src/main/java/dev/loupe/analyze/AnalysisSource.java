package dev.loupe.analyze;

import dev.loupe.activation.CorpusContexts;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.model.Hook;
import dev.loupe.model.Llama;
import dev.loupe.model.LlamaConfig;
import dev.loupe.model.ModelFolder;
import dev.loupe.text.Progress;
import dev.loupe.text.TokenCorpus;
import dev.loupe.text.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * What an analysis reads: the tokenizer, the tokens and the model of a setup, opened for as long as
 * some work runs.
 */
public record AnalysisSource(
    AnalysisSetup setup, Tokenizer tokenizer, TokenCorpus corpus, Llama model) {
  /** Padded ids of one forward pass of the language model. */
  private static final int MODEL_BATCH_TOKENS = 1_024;

  /** Opens what a setup names, and closes it after the work. */
  public static void with(AnalysisSetup setup, Progress progress, Consumer<AnalysisSource> work) {
    setup.names().forEach(setup.suite()::folder); // refuses names that the suite lacks
    Path directory = setup.model().directory();
    LlamaConfig config = LlamaConfig.read(directory);
    AnalysisRoom.checkMemory(setup.names(), config.hiddenSize());
    try (Tokenizer tokenizer = Tokenizer.load(directory)) {
      ModelFolder.checkTokenizer(config, tokenizer);
      try (TokenCorpus corpus = open(setup, tokenizer, progress);
          Llama model = Llama.load(directory, setup.lmDtype(), setup.device())) {
        setup.suite().checkModel(model.fingerprint(), setup.model().name(), setup.otherModel());
        work.accept(new AnalysisSource(setup, tokenizer, corpus, model));
      }
    }
  }

  private static TokenCorpus open(AnalysisSetup setup, Tokenizer tokenizer, Progress progress) {
    return TokenCorpus.open(
        setup.corpus(),
        tokenizer,
        setup
            .suite()
            .tokens(
                setup.split(),
                setup.tokens(),
                setup.context(),
                setup.seed(),
                MODEL_BATCH_TOKENS,
                setup.skipBadLines()),
        progress);
  }

  /** D. */
  int size() {
    return model.config().hiddenSize();
  }

  /** Opens the dictionaries for a pass of the model, for as long as the work runs. */
  void withPass(CorpusContexts contexts, CategoryDocuments documents, Consumer<CodesPass> work) {
    List<Dictionary> dictionaries = new ArrayList<>();
    List<FloorScores> floors = new ArrayList<>();
    try {
      setup.names().forEach(name -> dictionaries.add(setup.suite().dictionary(name)));
      if (!documents.isEmpty()) {
        widths(setup.names())
            .forEach(
                (hook, width) -> floors.add(new FloorScores(hook, width, size(), setup.seed())));
      }
      work.accept(new CodesPass(model, dictionaries, contexts, documents, floors));
    } finally {
      dictionaries.forEach(Dictionary::close);
      floors.forEach(FloorScores::close);
    }
  }

  /** The most features of a dictionary at each hook: as many random directions are compared. */
  Map<Hook, Integer> widths(List<DictionaryName> names) {
    Map<Hook, Integer> widths = new TreeMap<>();
    for (DictionaryName name : names) {
      widths.merge(name.site().hookIn(name.layer()), size() * name.expansion(), Math::max);
    }
    return widths;
  }
}
