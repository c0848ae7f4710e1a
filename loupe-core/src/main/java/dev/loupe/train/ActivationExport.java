package dev.loupe.train;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.activation.ActivationStream;
import dev.loupe.activation.CorpusContexts;
import dev.loupe.activation.ModelPass;
import dev.loupe.activation.OrderedPass;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import dev.loupe.files.AtomicFile;
import dev.loupe.files.AtomicFolder;
import dev.loupe.model.Hook;
import dev.loupe.model.LlamaConfig;
import dev.loupe.model.ModelFolder;
import dev.loupe.model.ModelOnDemand;
import dev.loupe.tensor.Collectives;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.Progress;
import dev.loupe.text.Split;
import dev.loupe.text.TokenCorpus;
import dev.loupe.text.TokenRequest;
import dev.loupe.text.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * What a suite was trained on, and what it is evaluated on, as files that other tools read: raw
 * activations of the counted tokens at the hooks of its dictionaries.
 *
 * <p>Of the training split, the tokens in the order in which the steps of the run took them, as its
 * buffer held them; of the held-out split, the tokens in the order of {@code evaluate}. Holds no
 * more than the shuffle buffer of the run and one file's tokens.
 */
public final class ActivationExport {
  private static final int FORMAT = 1;
  private static final int MODEL_BATCH_TOKENS = 4_096;

  private ActivationExport() {}

  /**
   * What to write.
   *
   * @param only some of the suite's dictionaries; all if empty
   * @param split training or held-out
   * @param tokens how many, as many as the run took if 0; held-out, the last context may overshoot
   * @param lmDtype type that the model runs in over held-out text; over the training split it is
   *     the run's
   */
  public record Setup(
      Suite suite,
      ModelFolder model,
      CorpusSpec corpus,
      List<DictionaryName> only,
      Split split,
      long tokens,
      boolean otherModel,
      boolean skipBadLines,
      DType lmDtype,
      Device device) {
    public Setup {
      only = List.copyOf(only);
      only.forEach(suite::folder);
      long run = suite.manifest().stepsDone() * suite.manifest().recipe().path("batch").asLong();
      switch (split) {
        case TRAIN -> {
          if (suite.manifest().isImported()) {
            throw new IllegalArgumentException(
                "expected a suite that was trained here, got imported dictionaries, of which the"
                    + " training is not known; --split held-out takes any corpus");
          }
          if (tokens < 0 || tokens > run) {
            throw new IllegalArgumentException(
                "expected at most the %d tokens that the suite was trained on, got %d"
                    .formatted(run, tokens));
          }
          tokens = tokens == 0 ? run : tokens;
        }
        case HELD_OUT -> {
          if (tokens < 1) {
            throw new IllegalArgumentException(
                "expected how many held-out tokens are wanted, got " + tokens);
          }
        }
        case ALL ->
            throw new IllegalArgumentException("expected the split train or held-out, got all");
      }
    }

    private Set<Hook> hooks() {
      return Passes.hooks(only.isEmpty() ? suite.names() : only);
    }

    private Recipe recipe() {
      ObjectNode recipe = suite.manifest().recipe().deepCopy();
      recipe.remove("variants");
      return Recipe.ofSuite(recipe);
    }

    private TokenRequest request(LlamaConfig config) {
      Suite.Manifest manifest = suite.manifest();
      Recipe recipe = recipe();
      return split == Split.TRAIN
          ? new TokenRequest(
              split,
              TrainingRequest.tokensNeeded(recipe, manifest.tokens()),
              1,
              recipe.context(),
              recipe.documents(),
              manifest.seed(),
              Passes.modelBatch(recipe, config),
              skipBadLines)
          : suite.tokens(split, tokens, 0, 0, MODEL_BATCH_TOKENS, skipBadLines);
    }
  }

  /**
   * {@code activations.json}: what is in the folder.
   *
   * @param hooks the tensors' names
   * @param tokens in all files together
   * @param width of a row
   * @param lmDtype type that the language model ran in
   * @param bufferDtype type that rows were rounded to on the way
   * @param files in their order
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Summary(
      int format,
      String model,
      String modelFingerprint,
      String corpusFingerprint,
      String split,
      List<String> hooks,
      long tokens,
      int width,
      String lmDtype,
      String bufferDtype,
      List<String> files) {}

  /**
   * Writes a folder that does not exist yet or is empty.
   *
   * @throws IllegalArgumentException for another model or, for the training split, another corpus
   *     than the suite's
   */
  public static Summary write(Setup setup, Path out, Progress progress) {
    AtomicFolder.requireFree(out);
    Path directory = setup.model.directory();
    LlamaConfig config = LlamaConfig.read(directory);
    DType dtype =
        setup.split == Split.TRAIN ? DType.parse(setup.suite.manifest().lmDtype()) : setup.lmDtype;
    try (Tokenizer tokenizer = Tokenizer.load(directory);
        ModelOnDemand model = new ModelOnDemand(directory, dtype, setup.device)) {
      ModelFolder.checkTokenizer(config, tokenizer);
      setup.suite.checkModel(model.fingerprint(), setup.model.name(), setup.otherModel);
      try (TokenCorpus corpus =
          TokenCorpus.open(setup.corpus, tokenizer, setup.request(config), progress)) {
        checkCorpus(setup, corpus);
        Summary[] summary = new Summary[1];
        AtomicFolder.write(
            out, folder -> summary[0] = write(setup, model, corpus, folder, progress));
        return summary[0];
      }
    }
  }

  private static void checkCorpus(Setup setup, TokenCorpus corpus) {
    String expected = setup.suite.manifest().corpusFingerprint();
    if (setup.split == Split.TRAIN && !corpus.fingerprint().equals(expected)) {
      throw new IllegalArgumentException(
          "expected the corpus %s (%.12s…) that the suite was trained on in one epoch, got %.12s…; --split held-out takes any"
              .formatted(setup.suite.manifest().corpus(), expected, corpus.fingerprint()));
    }
  }

  private static Summary write(
      Setup setup, ModelOnDemand model, TokenCorpus corpus, Path folder, Progress progress) {
    boolean isTrain = setup.split == Split.TRAIN;
    ActivationFiles files =
        ActivationFiles.ofWidth(folder, setup.hooks(), model.config().hiddenSize());
    try (files) {
      if (isTrain) {
        trained(setup, model, corpus, files, progress);
      } else {
        heldOut(setup, model, corpus, files, progress);
      }
      files.end();
    }
    Summary summary =
        new Summary(
            FORMAT,
            setup.model.name(),
            model.fingerprint(),
            corpus.fingerprint(),
            setup.split.label(),
            setup.hooks().stream().map(Hook::toString).toList(),
            files.tokens(),
            model.config().hiddenSize(),
            model.dtype().torchName(),
            isTrain ? setup.suite.manifest().bufferDtype() : DType.F32.torchName(),
            files.names());
    AtomicFile.writeJson(folder.resolve("activations.json"), summary);
    return summary;
  }

  private static void trained(
      Setup setup,
      ModelOnDemand model,
      TokenCorpus corpus,
      ActivationFiles files,
      Progress progress) {
    Suite.Manifest manifest = setup.suite.manifest();
    try (ActivationStream stream =
        new ActivationStream(
            new ModelPass(model, corpus, setup.hooks()),
            manifest.bufferTokens(),
            DType.parse(manifest.bufferDtype()),
            manifest.seed(),
            Collectives.alone())) {
      // the shuffling depends on how many are taken at once, and on that the run began with this
      int batch = setup.recipe().batch();
      stream.meanNorms(setup.recipe().normTokens());
      while (files.tokens() < setup.tokens) {
        files.add(stream.next(batch), (int) Math.min(batch, setup.tokens - files.tokens()));
        progress.report("writing activations", files.tokens(), setup.tokens);
      }
    }
  }

  private static void heldOut(
      Setup setup,
      ModelOnDemand model,
      TokenCorpus corpus,
      ActivationFiles files,
      Progress progress) {
    CorpusContexts contexts = CorpusContexts.of(corpus);
    OrderedPass pass = new OrderedPass(model.get(), contexts, setup.hooks(), false);
    int from = 0;
    while (from < contexts.size()) {
      int to = contexts.reach(from, MODEL_BATCH_TOKENS);
      files.add(pass.read(from, to), Integer.MAX_VALUE);
      progress.report("writing activations", files.tokens(), corpus.countedTokens());
      from = to;
    }
  }
}
