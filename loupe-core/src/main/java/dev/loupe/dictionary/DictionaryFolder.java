package dev.loupe.dictionary;

import dev.loupe.files.AtomicFile;
import dev.loupe.files.Checksums;
import dev.loupe.files.FileFormatException;
import dev.loupe.files.Json;
import dev.loupe.tensor.DType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A dictionary on disk: Llama Scope's files with Loupe's contract and probe beside them. A published
 * folder, which has only the former, is read as it is.
 */
public final class DictionaryFolder {
  private static final String CONTRACT = "dictionary.json";
  private static final String PROBE = "probe.safetensors";
  private static final Set<Path> PROBED = ConcurrentHashMap.newKeySet();

  private DictionaryFolder() {}

  /**
   * Opens a dictionary with the weights in the form that they have on disk; the caller closes it.
   * The first time in a process its probe is recomputed, where it has one.
   */
  public static Dictionary open(Path folder) {
    Contract contract = readContract(folder);
    Path file = folder.resolve(LlamaScopeFiles.FINAL);
    if (!Files.isRegularFile(file)) {
      throw new FileFormatException(folder, "no weights (" + LlamaScopeFiles.FINAL + ")");
    }
    Weights weights = LlamaScopeFiles.readWeights(file);
    try {
      if (!weights.allFinite()) {
        throw new FileFormatException(file, "weights hold an infinite number or NaN");
      }
      Dictionary dictionary = new Dictionary(weights, contract);
      Path probe = folder.resolve(PROBE);
      if (Files.exists(probe) && PROBED.add(probe.toAbsolutePath())) {
        DictionaryProbe.check(probe, dictionary);
      }
      return dictionary;
    } catch (RuntimeException | Error e) {
      weights.close();
      throw e;
    }
  }

  /** As {@link #open}, standardised: the form in which dictionaries are used. */
  public static Dictionary openStandardised(Path folder) {
    Dictionary dictionary = open(folder);
    if (dictionary.contract().form() == Contract.Form.STANDARDISED) {
      return dictionary;
    }
    try (dictionary) {
      return dictionary.standardised();
    }
  }

  /** Whether a folder looks like a dictionary's. */
  public static boolean isDictionary(Path folder) {
    return Files.isRegularFile(folder.resolve("hyperparams.json"));
  }

  public static Contract readContract(Path folder) {
    Path file = folder.resolve(CONTRACT);
    if (Files.isRegularFile(file)) {
      return Json.read(file, Contract.class);
    }
    if (!isDictionary(folder)) {
      throw new FileFormatException(
          folder, "expected a dictionary's folder, got one without dictionary.json and hyperparams.json");
    }
    return LlamaScopeFiles.readContract(folder);
  }

  /** The weights as trained, in the normalised space, where they are kept; the caller closes them. */
  public static Weights readRawWeights(Path folder) {
    Path raw = folder.resolve(LlamaScopeFiles.RAW);
    return LlamaScopeFiles.readWeights(
        Files.exists(raw) ? raw : folder.resolve(LlamaScopeFiles.FINAL));
  }

  /** Writes the weights as trained; the first file of a dictionary's folder. */
  public static void writeRaw(Path folder, Weights raw, DType dtype) {
    createDirectories(folder.resolve("checkpoints"));
    LlamaScopeFiles.writeWeights(folder.resolve(LlamaScopeFiles.RAW), raw, dtype);
  }

  /**
   * Writes a standardised dictionary; dictionary.json comes last, so that a folder with one is
   * whole.
   *
   * @param dictionary standardised, its weights already rounded to the type
   * @param model the language model's name, for readers of {@code lm_config.json}
   * @param probe rows to remember with what they give, borrowed
   */
  public static void write(
      Path folder, Dictionary dictionary, DType dtype, String model, DictionaryProbe probe) {
    Contract contract = dictionary.contract();
    if (contract.form() != Contract.Form.STANDARDISED) {
      throw new IllegalArgumentException("expected a standardised dictionary to write");
    }
    createDirectories(folder.resolve("checkpoints"));
    Path file = folder.resolve(LlamaScopeFiles.FINAL);
    LlamaScopeFiles.writeWeights(file, dictionary.weights(), dtype);
    Contract written = contract.withWeights(dtype.torchName(), Checksums.sha256(file));
    LlamaScopeFiles.writeSettings(folder, written, dictionary.features(), model);
    probe.write(folder.resolve(PROBE));
    AtomicFile.writeJson(folder.resolve(CONTRACT), written);
    Checksums.write(folder, _ -> true);
  }

  /** Recomputes what the folder's probe says, and compares all checksums. */
  static void verify(Path folder, Dictionary dictionary) {
    if (Files.exists(folder.resolve(Checksums.FILE))) {
      Checksums.verify(folder);
    }
    if (Files.exists(folder.resolve(PROBE))) {
      DictionaryProbe.check(folder.resolve(PROBE), dictionary);
    }
  }

  private static void createDirectories(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create " + folder, e);
    }
  }
}
