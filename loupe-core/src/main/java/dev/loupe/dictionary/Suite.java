package dev.loupe.dictionary;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.files.AtomicFile;
import dev.loupe.files.Checksums;
import dev.loupe.files.FileFormatException;
import dev.loupe.files.Json;
import dev.loupe.text.LongDocuments;
import dev.loupe.text.Split;
import dev.loupe.text.TokenRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * All dictionaries trained together on one model, or imported for one: a directory with {@code
 * suite.json} and a folder for each dictionary. A plain value; the dictionaries it opens are the
 * caller's.
 *
 * @param directory where it is
 * @param manifest what {@code suite.json} says
 */
public record Suite(Path directory, Manifest manifest) {
  private static final String MANIFEST = "suite.json";

  /**
   * {@code suite.json}: everything that the bytes of the suite depend on; no times, no paths.
   *
   * @param format version of this file's form
   * @param model the language model's name
   * @param modelFingerprint SHA-256, see {@code Llama.fingerprint}
   * @param tokenizerFingerprint SHA-256 of tokenizer.json
   * @param corpus the corpus as it was named, without folders
   * @param corpusFingerprint SHA-256, see {@code TokenCorpus.fingerprint}
   * @param recipe every value that training used; under {@code variants} what those of a sweep
   *     change, by their names
   * @param tokens trained on
   * @param steps of training, of the whole run; 0 where the dictionaries were trained elsewhere
   * @param stepsDone as many as were done, a mean over the passes; fewer where the run was stopped
   * @param seed of everything random
   * @param bufferTokens of the shuffle buffer
   * @param bufferDtype type that it held activations in, bfloat16 also where they were cached
   * @param lmDtype type that the language model ran in
   * @param step implementation of the training step, and the type that it screens in
   * @param tokenPolicy which positions count
   * @param versions of Loupe, Java and the tensor library
   * @param machine kind of CPU and what kernels it runs
   * @param threads that computed
   * @param passes of the model over the corpus, each for some of the dictionaries
   * @param dictionaries that are trained, in the order that was asked for
   * @param resumedInexactly where the run went on with other versions, machine or threads; empty
   *     for one that can be repeated
   * @param skippedUpdates steps at which a dictionary was not updated because its loss was not
   *     finite or far above the usual, by its name
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Manifest(
      int format,
      String model,
      String modelFingerprint,
      String tokenizerFingerprint,
      String corpus,
      String corpusFingerprint,
      JsonNode recipe,
      long tokens,
      long steps,
      long stepsDone,
      long seed,
      int bufferTokens,
      String bufferDtype,
      String lmDtype,
      String step,
      Contract.TokenPolicy tokenPolicy,
      Map<String, String> versions,
      String machine,
      int threads,
      int passes,
      List<DictionaryName> dictionaries,
      List<InexactResume> resumedInexactly,
      Map<String, List<Long>> skippedUpdates) {
    public static final int FORMAT = 1;

    public Manifest {
      dictionaries = List.copyOf(dictionaries);
      resumedInexactly = List.copyOf(resumedInexactly);
      if (format != FORMAT) {
        throw new IllegalArgumentException(
            "expected a suite.json of format " + FORMAT + ", got " + format);
      }
    }

    /** Whether the dictionaries were trained elsewhere: then nothing is known of a run. */
    @JsonIgnore
    public boolean isImported() {
      return steps == 0;
    }

    /**
     * The same with these dictionaries.
     *
     * @param k their features per token, for a recipe that does not say yet
     */
    Manifest withDictionaries(List<DictionaryName> names, OptionalInt k) {
      ObjectNode known = recipe.deepCopy();
      if (!known.has("k")) {
        k.ifPresent(value -> known.put("k", value));
      }
      return with(known, passes, stepsDone, names, resumedInexactly, skippedUpdates);
    }

    /** The same run, having come so far, with the dictionaries that are there. */
    public Manifest withStepsDone(
        long steps, List<DictionaryName> there, Map<String, List<Long>> skipped) {
      return with(steps, there, resumedInexactly, skipped);
    }

    /** The same run, to go on where these updates were skipped. */
    public Manifest withSkipped(Map<String, List<Long>> skipped) {
      return with(stepsDone, dictionaries, resumedInexactly, skipped);
    }

    /** The same run, going on elsewhere. */
    public Manifest withInexactResume(InexactResume resume) {
      List<InexactResume> all = new ArrayList<>(resumedInexactly);
      all.add(resume);
      return with(stepsDone, dictionaries, all, skippedUpdates);
    }

    /** The run that this one is a pass of, given what all of them made. */
    public Manifest withParts(
        int passes,
        List<DictionaryName> dictionaries,
        List<InexactResume> resumes,
        Map<String, List<Long>> skipped) {
      return with(recipe, passes, stepsDone, dictionaries, resumes, skipped);
    }

    private Manifest with(
        long stepsDone,
        List<DictionaryName> dictionaries,
        List<InexactResume> resumes,
        Map<String, List<Long>> skipped) {
      return with(recipe, passes, stepsDone, dictionaries, resumes, skipped);
    }

    private Manifest with(
        JsonNode recipe,
        int passes,
        long stepsDone,
        List<DictionaryName> dictionaries,
        List<InexactResume> resumes,
        Map<String, List<Long>> skipped) {
      return new Manifest(
          format,
          model,
          modelFingerprint,
          tokenizerFingerprint,
          corpus,
          corpusFingerprint,
          recipe,
          tokens,
          steps,
          stepsDone,
          seed,
          bufferTokens,
          bufferDtype,
          lmDtype,
          step,
          tokenPolicy,
          versions,
          machine,
          threads,
          passes,
          dictionaries,
          resumes,
          skipped);
    }
  }

  /**
   * Where a run went on with something else of what its bytes depend on.
   *
   * @param step the first one done there
   * @param versions of Loupe, Java and the tensor library there
   * @param machine kind of CPU there
   * @param threads of the tensor library there
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record InexactResume(
      long step, Map<String, String> versions, String machine, int threads) {}

  /** Whether a folder holds a suite, whole or stopped in training. */
  public static boolean isWritten(Path directory) {
    return Files.isRegularFile(directory.resolve(MANIFEST));
  }

  public static Suite open(Path directory) {
    Path file = directory.resolve(MANIFEST);
    if (!Files.isRegularFile(file)) {
      throw new FileFormatException(
          directory,
          Files.isDirectory(directory.resolve("resume"))
              ? "expected a suite, got one in training; go on with train --resume"
              : "expected a suite, got a folder without suite.json");
    }
    return new Suite(directory, Json.read(file, Manifest.class));
  }

  /** Refuses a folder that holds anything, so that nothing of the user's is overwritten. */
  public static void checkFree(Path directory) {
    if (Files.exists(directory) && !Files.isDirectory(directory)) {
      throw new IllegalArgumentException(
          "expected a folder to write to, got the file " + directory);
    }
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (Stream<Path> files = Files.list(directory)) {
      files
          .findFirst()
          .ifPresent(file -> {
            throw new IllegalArgumentException(
                "expected a new or an empty folder to write to, got "
                    + directory
                    + " with "
                    + file.getFileName()
                    + " in it; choose another, or --resume to go on with a stopped run");
          });
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + directory, e);
    }
  }

  /** Writes {@code suite.json} and its checksum: the last act of training. */
  public static Suite write(Path directory, Manifest manifest) {
    AtomicFile.writeJson(directory.resolve(MANIFEST), manifest);
    Checksums.write(directory, MANIFEST::equals);
    return new Suite(directory, manifest);
  }

  public List<DictionaryName> names() {
    return manifest.dictionaries();
  }

  public Path folder(DictionaryName name) {
    if (!names().contains(name)) {
      throw new IllegalArgumentException(
          "expected a dictionary of the suite (" + names() + "), got " + name);
    }
    return directory.resolve(name.toString());
  }

  /** Every value that a dictionary's training used: the suite's, and what its variant changes. */
  public JsonNode recipe(DictionaryName name) {
    ObjectNode recipe = manifest.recipe().deepCopy();
    JsonNode variants = recipe.remove("variants");
    if (variants != null && variants.get(name.variant()) instanceof ObjectNode changes) {
      recipe.setAll(changes);
    }
    return recipe;
  }

  /**
   * Tokens of a corpus in the form in which the suite was trained on its own: contexts as long,
   * long documents treated alike.
   *
   * @param context most ids of a context; 0 for as many as in training
   * @param batchTokens the most ids of a batch with its padding; at least a context
   */
  public TokenRequest tokens(
      Split split, long tokens, int context, long seed, int batchTokens, boolean skipBadLines) {
    JsonNode recipe = manifest.recipe();
    int ids = context > 0 ? context : recipe.path("context").asInt(1024);
    String documents = recipe.path("long_documents").asText("truncate").toUpperCase(Locale.ROOT);
    return new TokenRequest(
        split,
        tokens,
        1,
        ids,
        LongDocuments.valueOf(documents),
        seed,
        Math.max(batchTokens, ids),
        skipBadLines);
  }

  /** Opens one of its dictionaries, standardised; the caller closes it. */
  public Dictionary dictionary(DictionaryName name) {
    return DictionaryFolder.openStandardised(folder(name));
  }

  /**
   * Refuses another model than the one the dictionaries were trained on.
   *
   * @param other whether another one is wanted
   */
  public void checkModel(String fingerprint, String name, boolean other) {
    if (!other && !fingerprint.equals(manifest.modelFingerprint())) {
      throw new IllegalArgumentException(
          "expected the model %s (%.12s…) that the suite was trained on, got %s (%.12s…); --other-model allows it"
              .formatted(manifest.model(), manifest.modelFingerprint(), name, fingerprint));
    }
  }
}
