package dev.loupe.inference;

import dev.loupe.analyze.Analysis;
import dev.loupe.analyze.AnalysisSetup;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.DictionaryFolder;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import dev.loupe.evaluate.TextPass;
import dev.loupe.model.GenerationRequest;
import dev.loupe.model.Llama;
import dev.loupe.model.ModelFolder;
import dev.loupe.model.ModelOnDemand;
import dev.loupe.store.FeatureColumns;
import dev.loupe.store.FeatureStore;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Torch;
import dev.loupe.text.Tokenizer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A suite with the language model that it was trained on. Opening it reads the model's files
 * without loading the tensor library; weights, tokenizer and dictionaries are loaded when they are
 * first needed. Owns them until closed. One thread at a time.
 */
public final class SuiteModel implements AutoCloseable {
  private final Suite suite;
  private final ModelFolder folder;
  private final ModelOnDemand model;
  private final long dictionaryBytes;
  private final Map<DictionaryName, Dictionary> dictionaries = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<DictionaryName, Optional<FeatureColumns>> columns = new HashMap<>();
  private @Nullable Tokenizer tokenizer;
  private @Nullable Unembedding unembedding;

  private SuiteModel(Suite suite, ModelFolder folder, ModelOnDemand model, long dictionaryBytes) {
    this.suite = suite;
    this.folder = folder;
    this.model = model;
    this.dictionaryBytes = dictionaryBytes;
  }

  /**
   * Opens a suite's folder with its model, in float32 on the CPU, with up to a gigabyte of
   * dictionaries; the caller closes the result. {@link Torch#start} comes first.
   *
   * @param model a folder in the Hugging Face layout, or the name of a bundled model
   */
  public static SuiteModel open(Path suite, String model) {
    return open(
        Suite.open(suite), ModelFolder.resolve(model), false, DType.F32, Device.CPU, 1L << 30);
  }

  /**
   * Checks that the model is the suite's; the caller closes the result.
   *
   * @param otherModel whether another model is wanted
   * @param dictionaryBytes of dictionaries that stay open; one always does
   */
  public static SuiteModel open(
      Suite suite,
      ModelFolder folder,
      boolean otherModel,
      DType dtype,
      Device device,
      long dictionaryBytes) {
    ModelOnDemand model = new ModelOnDemand(folder.directory(), dtype, device);
    try {
      suite.checkModel(model.fingerprint(), folder.name(), otherModel);
    } catch (IllegalArgumentException e) {
      model.close();
      throw e;
    }
    return new SuiteModel(suite, folder, model, dictionaryBytes);
  }

  /** What fires on a text in one of the suite's dictionaries, and what its splicing costs. */
  public TextPass pass(DictionaryName name, String text) {
    return TextPass.of(llama(), tokenizer(), dictionary(name), text);
  }

  /**
   * What the model writes after a prompt, most likely token first, while features are changed.
   *
   * @param tokens to write at most
   */
  public String steered(String prompt, int tokens, List<Edit> edits) {
    return Steering.written(this, prompt, edits, GenerationRequest.greedy(tokens));
  }

  /** The suite that was opened. */
  public Suite suite() {
    return suite;
  }

  /** The language model, borrowed; loaded the first time. */
  public Llama llama() {
    return model.get();
  }

  /** The tokenizer, borrowed; loaded the first time. */
  public Tokenizer tokenizer() {
    if (tokenizer == null) {
      tokenizer = Tokenizer.load(folder.directory());
      ModelFolder.checkTokenizer(model.config(), tokenizer);
    }
    return tokenizer;
  }

  /** The unembedding as direct effects need it, borrowed. */
  Unembedding unembedding() {
    if (unembedding == null) {
      unembedding = Unembedding.of(llama());
    }
    return unembedding;
  }

  /** One of the suite's dictionaries, standardised, borrowed until another one is asked for. */
  public Dictionary dictionary(DictionaryName name) {
    Dictionary found = dictionaries.get(name);
    if (found == null) {
      found = DictionaryFolder.openStandardised(suite.folder(name));
      dictionaries.put(name, found);
      closeOldest(name);
    }
    return found;
  }

  private void closeOldest(DictionaryName kept) {
    Iterator<Map.Entry<DictionaryName, Dictionary>> oldest = dictionaries.entrySet().iterator();
    while (bytes() > dictionaryBytes && oldest.hasNext()) {
      Map.Entry<DictionaryName, Dictionary> each = oldest.next();
      if (!each.getKey().equals(kept)) {
        oldest.remove();
        each.getValue().close();
      }
    }
  }

  private long bytes() {
    return dictionaries.values().stream()
        .flatMap(dictionary -> dictionary.weights().all().stream())
        .mapToLong(dev.loupe.tensor.Tensor::bytes)
        .sum();
  }

  /** Rates and quantiles of a dictionary's features; empty where it was not analysed. */
  Optional<FeatureColumns> columns(DictionaryName name) {
    return columns.computeIfAbsent(name, this::readColumns);
  }

  private Optional<FeatureColumns> readColumns(DictionaryName name) {
    if (!FeatureStore.isWritten(AnalysisSetup.features(suite).resolve(name.toString()))) {
      return Optional.empty();
    }
    try (FeatureStore store = Analysis.open(suite, name)) {
      return Optional.of(store.columns());
    }
  }

  /** The dictionaries of these names, or all of the suite's for none. */
  List<DictionaryName> names(List<DictionaryName> wanted) {
    wanted.forEach(suite::folder); // refuses names that the suite lacks
    return wanted.isEmpty() ? suite.names() : wanted;
  }

  @Override
  public void close() {
    dictionaries.values().forEach(Dictionary::close);
    dictionaries.clear();
    if (unembedding != null) {
      unembedding.close();
      unembedding = null;
    }
    if (tokenizer != null) {
      tokenizer.close();
      tokenizer = null;
    }
    model.close();
  }
}
