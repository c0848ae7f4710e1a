package dev.loupe.model;

import dev.loupe.text.BundledFiles;
import dev.loupe.text.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A model in the Hugging Face layout, as the command line names it.
 *
 * @param name the bundled name, or the name of the folder; never a path
 * @param directory with config.json, tokenizer.json and weights
 */
public record ModelFolder(String name, Path directory) {
  private static final String RANDOM = "demo-random";
  private static final List<String> BUNDLED = List.of("demo", "demo-chat", RANDOM);

  /**
   * Finds a bundled model, which is extracted (or drawn) on first use, or a directory. A bundled
   * name comes before a folder of that name: write {@code ./demo} for the folder.
   */
  public static ModelFolder resolve(String argument) {
    if (BUNDLED.contains(argument)) {
      return new ModelFolder(argument, bundled(argument));
    }
    Path directory = Path.of(argument);
    if (argument.isBlank() || !Files.isDirectory(directory)) {
      throw new IllegalArgumentException(
          "expected a model folder in the Hugging Face layout or one of %s, got '%s', which is no folder"
              .formatted(String.join(", ", BUNDLED), argument));
    }
    Path last = directory.toAbsolutePath().normalize().getFileName();
    return new ModelFolder(last == null ? "model" : last.toString(), directory);
  }

  /** Whether a name is a bundled model's. */
  public static boolean isBundled(String name) {
    return BUNDLED.contains(name);
  }

  private static Path bundled(String name) {
    if (name.equals(RANDOM)) {
      Path demo = BundledFiles.model("demo").orElseThrow();
      return RandomWeights.write(demo, demo.resolveSibling(RANDOM));
    }
    return BundledFiles.model(name).orElseThrow();
  }

  /**
   * Refuses a tokenizer that cannot be this model's: with more ids than the model has, without a
   * begin id, or with begin or end ids that one of both does not know.
   */
  public static void checkTokenizer(LlamaConfig config, Tokenizer tokenizer) {
    int vocabulary = config.vocabularySize();
    int size = tokenizer.size();
    if (size > vocabulary) {
      throw misfit("at most as many ids as the model", vocabulary, size, "is it another model's?");
    }
    List<Integer> begin = tokenizer.special().begin();
    if (begin.isEmpty()) {
      throw misfit("a begin id", vocabulary, size, "add bos_token_id to config.json");
    }
    Optional<Integer> unknown =
        Stream.concat(
                begin.stream().filter(id -> id >= size),
                tokenizer.special().end().stream().filter(id -> id >= vocabulary))
            .findFirst();
    if (unknown.isPresent()) {
      throw misfit(
          "begin and end ids that it knows (not " + unknown.get() + ")",
          vocabulary,
          size,
          "compare bos_token_id and eos_token_id in config.json with tokenizer.json");
    }
  }

  private static IllegalArgumentException misfit(
      String expected, int vocabulary, int size, String next) {
    return new IllegalArgumentException(
        "expected a tokenizer with %s, got one of %d ids for a model with a vocab_size of %d; %s"
            .formatted(expected, size, vocabulary, next));
  }
}
