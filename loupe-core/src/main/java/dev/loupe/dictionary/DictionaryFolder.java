package dev.loupe.dictionary;

import dev.loupe.files.AtomicFile;
import dev.loupe.files.Checksums;
import dev.loupe.files.FileFormatException;
import dev.loupe.files.IoFailures;
import dev.loupe.files.Json;
import dev.loupe.safetensors.SafetensorsFile;
import dev.loupe.safetensors.TensorSource;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A dictionary on disk: Llama Scope's files with Loupe's contract and probe beside them. A
 * published folder, which has only the former, is read as it is.
 */
public final class DictionaryFolder {
  private static final String CONTRACT = "dictionary.json";
  private static final String PROBE = "probe.safetensors";

  /** Times differ from run to run; with a checksum of them, so would {@code checksums.json}. */
  private static final String TIMING = "timing.jsonl";

  private static final Set<Probed> PROBED = ConcurrentHashMap.newKeySet();

  private DictionaryFolder() {}

  /**
   * Opens a dictionary with the weights in the form that they have on disk; the caller closes it.
   * Its probe, where it has one, is recomputed the first time that a process opens these files.
   */
  public static Dictionary open(Path folder) {
    Contract contract = readContract(folder);
    Path file = folder.resolve(LlamaScopeFiles.FINAL);
    if (!Files.isRegularFile(file)) {
      throw new FileFormatException(folder, "no weights (" + LlamaScopeFiles.FINAL + ")");
    }
    Dictionary dictionary = open(folder, contract, LlamaScopeFiles.readWeights(file));
    try {
      checkProbeOnce(folder, dictionary);
      return dictionary;
    } catch (RuntimeException | Error e) {
      dictionary.close();
      throw e;
    }
  }

  private static Dictionary open(Path folder, Contract contract, Weights weights) {
    try {
      Path file = folder.resolve(LlamaScopeFiles.FINAL);
      if (!weights.allFinite()) {
        throw new FileFormatException(file, "weights hold an infinite number or NaN");
      }
      long expansion = weights.features() / weights.outputSize();
      if (expansion != contract.name().expansion()) {
        throw new FileFormatException(
            file,
            "expected %d features for each dimension as in %s, got %d features of %d dimensions"
                .formatted(
                    contract.name().expansion(),
                    contract.name(),
                    weights.features(),
                    weights.outputSize()));
      }
      return new Dictionary(weights, contract);
    } catch (IllegalArgumentException e) {
      weights.close();
      throw new FileFormatException(folder, String.valueOf(e.getMessage()), e);
    } catch (RuntimeException | Error e) {
      weights.close();
      throw e;
    }
  }

  /** Files that were probed and found good, as they were then. */
  private record Probed(Path folder, List<String> versions) {
    static Probed of(Path folder) {
      List<String> versions = new ArrayList<>();
      for (String name : List.of(LlamaScopeFiles.FINAL, CONTRACT, PROBE)) {
        Path file = folder.resolve(name);
        try {
          BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
          versions.add(found.fileKey() + " " + found.lastModifiedTime() + " " + found.size());
        } catch (IOException e) {
          throw IoFailures.reading(file, e);
        }
      }
      return new Probed(folder.toAbsolutePath(), List.copyOf(versions));
    }
  }

  private static void checkProbeOnce(Path folder, Dictionary dictionary) {
    if (!Files.exists(folder.resolve(PROBE)) || !Files.exists(folder.resolve(CONTRACT))) {
      return;
    }
    Probed probed = Probed.of(folder);
    if (!PROBED.contains(probed)) {
      ProbeCheck.run(folder.resolve(PROBE), dictionary);
      PROBED.add(probed);
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
    if (Checksums.cover(
        folder, CONTRACT)) { // not a published folder, which would be read otherwise
      throw new FileFormatException(file, "expected the file that " + Checksums.FILE + " names");
    }
    if (!isDictionary(folder)) {
      throw new FileFormatException(
          folder,
          "expected a dictionary's folder, got one without dictionary.json and hyperparams.json");
    }
    return LlamaScopeFiles.readContract(folder);
  }

  /**
   * The weights as trained, in the normalised space, where they are kept; the caller closes them.
   */
  public static Weights readRawWeights(Path folder) {
    Path raw = folder.resolve(LlamaScopeFiles.RAW);
    return LlamaScopeFiles.readWeights(
        Files.exists(raw) ? raw : folder.resolve(LlamaScopeFiles.FINAL));
  }

  /** The TopK gate that a dictionary was trained with, where its folder names one. */
  public static Optional<Gate> trainedGate(Path folder) {
    return LlamaScopeFiles.readTopK(folder);
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
    write(folder, dictionary, dtype, model, probe, Optional.empty());
  }

  /**
   * As {@link #write(Path, Dictionary, DType, String, DictionaryProbe)}.
   *
   * @param other a gate that the dictionary could have as well, such as the one it was trained
   *     with: its number goes to hyperparams.json beside the gate's own, as in published folders
   */
  public static void write(
      Path folder,
      Dictionary dictionary,
      DType dtype,
      String model,
      DictionaryProbe probe,
      Optional<Gate> other) {
    Contract contract = dictionary.contract();
    if (contract.form() != Contract.Form.STANDARDISED) {
      throw new IllegalArgumentException("expected a standardised dictionary to write");
    }
    createDirectories(folder.resolve("checkpoints"));
    Path file = folder.resolve(LlamaScopeFiles.FINAL);
    LlamaScopeFiles.writeWeights(file, dictionary.weights(), dtype);
    Contract written = contract.withWeights(dtype.torchName(), Checksums.sha256(file));
    LlamaScopeFiles.writeSettings(folder, written, other, dictionary.weights(), model);
    probe.write(folder.resolve(PROBE));
    AtomicFile.writeJson(folder.resolve(CONTRACT), written);
    Checksums.write(folder, name -> !name.equals(TIMING));
  }

  /** Copies the weights as trained to a folder that is being written, where the source has them. */
  static void copyRaw(Path from, Path to, Contract.Form form) {
    Path raw = from.resolve(LlamaScopeFiles.RAW);
    if (!Files.exists(raw) && form == Contract.Form.AS_TRAINED) {
      raw = from.resolve(LlamaScopeFiles.FINAL);
    }
    if (!Files.exists(raw)) {
      return;
    }
    createDirectories(to.resolve("checkpoints"));
    Path source = raw;
    AtomicFile.write(to.resolve(LlamaScopeFiles.RAW), out -> Files.copy(source, out));
  }

  /** The rows of the folder's probe, where it has one; owned by the innermost scope. */
  static Optional<Tensor> probeRows(Path folder) {
    Path probe = folder.resolve(PROBE);
    if (!Files.exists(probe)) {
      return Optional.empty();
    }
    try (TensorSource source = SafetensorsFile.open(probe)) {
      return Optional.of(source.read("input"));
    }
  }

  /** Recomputes what the folder's probe says, and compares all checksums. */
  static void verify(Path folder, Dictionary dictionary) {
    if (Files.exists(folder.resolve(Checksums.FILE))) {
      Checksums.verify(folder);
    }
    if (Files.exists(folder.resolve(PROBE))) {
      ProbeCheck.run(folder.resolve(PROBE), dictionary);
    }
  }

  private static void createDirectories(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw IoFailures.writing(folder, e);
    }
  }
}
