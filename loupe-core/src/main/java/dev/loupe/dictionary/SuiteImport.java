package dev.loupe.dictionary;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.files.AtomicFolder;
import dev.loupe.files.Checksums;
import dev.loupe.files.FileFormatException;
import dev.loupe.files.IoFailures;
import dev.loupe.files.Json;
import dev.loupe.model.LlamaConfig;
import dev.loupe.model.ModelFolder;
import dev.loupe.model.ModelOnDemand;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.text.LongDocuments;
import dev.loupe.text.Progress;
import dev.loupe.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Makes a suite of dictionaries that were trained elsewhere, so that everything that works on
 * Loupe's own works on them: published Llama Scope folders and those of SAELens, standardised, with
 * the model's fingerprint and token policy beside them.
 */
public final class SuiteImport {
  private static final int CONTEXT = 1024;

  private final Path out;
  private final ModelFolder folder;
  private final LlamaConfig config;
  private final Suite.Manifest empty;
  private final Contract.TokenPolicy policy;

  /**
   * Reads the model's settings and samples its weights.
   *
   * @param out a new or an empty folder, or a suite of imported dictionaries to add to
   * @param model which the dictionaries were trained on
   * @param context positions of a context, for evaluation and analysis; 0 for as many as Llama
   *     Scope has, or the model
   * @param documents what becomes of longer ones
   */
  public SuiteImport(Path out, ModelFolder model, int context, LongDocuments documents) {
    this.out = out;
    this.folder = model;
    if (!Suite.isWritten(out)) {
      Suite.checkFree(out);
    }
    try (ModelOnDemand lm = new ModelOnDemand(model.directory(), DType.F32, Device.CPU);
        Tokenizer tokenizer = Tokenizer.load(model.directory())) {
      this.config = lm.config();
      ModelFolder.checkTokenizer(config, tokenizer);
      int most = config.maxPositions();
      int positions = context == 0 ? Math.min(CONTEXT, most) : context;
      if (positions < 2 || positions > most) {
        throw new IllegalArgumentException(
            "expected a context of 2 to %,d positions, which is the model's limit, got %,d"
                .formatted(most, context));
      }
      this.policy = Contract.TokenPolicy.of(tokenizer.special());
      this.empty = manifest(lm.fingerprint(), positions, documents);
    }
  }

  private Suite.Manifest manifest(String modelFingerprint, int context, LongDocuments documents) {
    ObjectNode recipe = Json.mapper().createObjectNode();
    recipe.put("name", "imported");
    recipe.put("about", "Trained elsewhere; how is not known.");
    recipe.put("context", context);
    recipe.put("long_documents", documents.name().toLowerCase(Locale.ROOT));
    return new Suite.Manifest(
        Suite.Manifest.FORMAT,
        folder.name(),
        modelFingerprint,
        Checksums.sha256(folder.directory().resolve("tokenizer.json")),
        "",
        "",
        recipe,
        0,
        0,
        0,
        0,
        0,
        "",
        "",
        "",
        policy,
        Map.of(),
        "",
        1,
        1,
        List.of(),
        List.of(),
        Map.of());
  }

  /**
   * Converts dictionaries into the suite, each whole or not at all; those that it has already are
   * left alone, so that an import that was stopped goes on when it is asked for again. One at a
   * time.
   *
   * @param from folders of dictionaries, or folders that hold such
   * @return the suite
   * @throws IllegalArgumentException before anything is written, for two of one name, for one of
   *     another model, or for a suite of another model or that Loupe trained
   */
  public Suite add(List<Path> from, Progress progress) {
    SequencedMap<DictionaryName, Path> found = find(from);
    Suite suite = Suite.isWritten(out) ? begun() : begin();
    int done = 0;
    for (Map.Entry<DictionaryName, Path> each : found.sequencedEntrySet()) {
      progress.report("converting (dictionaries)", done++, found.size());
      if (!suite.names().contains(each.getKey())) {
        suite = convert(suite, each.getKey(), each.getValue());
      }
    }
    progress.report("converting (dictionaries)", found.size(), found.size());
    return suite;
  }

  private Suite convert(Suite suite, DictionaryName name, Path from) {
    Path to = out.resolve(name.toString());
    if (!DictionaryFolder.isDictionary(to)) { // else it was killed between this and suite.json
      Conversion.convert(
          from,
          to,
          Conversion.Format.LLAMASCOPE,
          Optional.empty(),
          OptionalInt.empty(),
          contract ->
              contract.withModel(empty.modelFingerprint(), empty.tokenizerFingerprint(), policy));
    }
    TreeSet<DictionaryName> names = new TreeSet<>(suite.names());
    names.add(name);
    Suite.Manifest manifest = suite.manifest().withDictionaries(List.copyOf(names), k(to));
    return Suite.write(out, manifest);
  }

  /** Features per token: what floors and feature splitting take as the usual number. */
  private static OptionalInt k(Path dictionary) {
    return DictionaryFolder.trainedGate(dictionary).orElse(null) instanceof Gate.TopK(int k)
        ? OptionalInt.of(k)
        : OptionalInt.empty();
  }

  private Suite begin() {
    try {
      Files.createDirectories(out);
    } catch (IOException e) {
      throw IoFailures.writing(out, e);
    }
    return Suite.write(out, empty);
  }

  private Suite begun() {
    Suite suite = Suite.open(out);
    if (!suite.manifest().isImported()) {
      throw new IllegalArgumentException(
          "expected a new folder or a suite of imported dictionaries, got one that was trained: "
              + out);
    }
    suite.checkModel(empty.modelFingerprint(), folder.name(), false);
    AtomicFolder.removePartials(out, 1);
    return suite;
  }

  private SequencedMap<DictionaryName, Path> find(List<Path> from) {
    SequencedMap<DictionaryName, Path> found = new TreeMap<>();
    for (Path directory : from) {
      for (Path dictionary : dictionaries(directory)) {
        DictionaryName name = checked(dictionary);
        Path other = found.put(name, dictionary);
        if (other != null) {
          throw new IllegalArgumentException(
              "expected one dictionary %s, got %s and %s".formatted(name, other, dictionary));
        }
      }
    }
    return found;
  }

  private static List<Path> dictionaries(Path directory) {
    if (Conversion.isDictionary(directory)) {
      return List.of(directory);
    }
    if (!Files.isDirectory(directory)) {
      throw new IllegalArgumentException("expected a folder of dictionaries, got " + directory);
    }
    try (Stream<Path> files = Files.list(directory)) {
      List<Path> inside = files.filter(Conversion::isDictionary).sorted().toList();
      if (inside.isEmpty()) {
        throw new FileFormatException(
            directory,
            "expected a dictionary's folder (hyperparams.json or cfg.json) or one that holds such");
      }
      return inside;
    } catch (IOException e) {
      throw IoFailures.reading(directory, e);
    }
  }

  private DictionaryName checked(Path dictionary) {
    Conversion.Described described = Conversion.Described.of(dictionary);
    if (described.name().layer() >= config.layers() || described.width() != config.hiddenSize()) {
      throw new FileFormatException(
          dictionary,
          "expected a dictionary of %s, which has %d layers of width %d, got %s of width %d"
              .formatted(
                  folder.name(),
                  config.layers(),
                  config.hiddenSize(),
                  described.name(),
                  described.width()));
    }
    String fingerprint = described.modelFingerprint();
    if (!fingerprint.isEmpty() && !fingerprint.equals(empty.modelFingerprint())) {
      throw new FileFormatException(
          dictionary,
          "expected a dictionary of %s (%.12s…), got one of another model (%.12s…)"
              .formatted(folder.name(), empty.modelFingerprint(), fingerprint));
    }
    return described.name();
  }
}
