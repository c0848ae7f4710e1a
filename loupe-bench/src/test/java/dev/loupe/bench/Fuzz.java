package dev.loupe.bench;

import dev.loupe.dictionary.DictionaryFolder;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.FeatureName;
import dev.loupe.dictionary.Suite;
import dev.loupe.exchange.FeatureSelection;
import dev.loupe.files.Checksums;
import dev.loupe.files.DamagedFiles;
import dev.loupe.files.FolderFiles;
import dev.loupe.judge.Price;
import dev.loupe.model.Hook;
import dev.loupe.model.LlamaConfig;
import dev.loupe.notes.Notebook;
import dev.loupe.safetensors.SafetensorsFile;
import dev.loupe.search.Query;
import dev.loupe.tensor.TensorScope;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.DocumentReader;
import dev.loupe.train.Recipe;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Parsers as Jazzer takes them, which looks for bytes that reach new code: {@code build/fuzz}.
 * Whatever bytes say is read, or refused with a message; anything else is a find. {@code
 * -Dloupe.fuzz=NAME} says which parser.
 */
public final class Fuzz {
  /** By name, each given a folder of its own and what a file in it shall hold. */
  static final SequencedMap<String, Target> TARGETS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("checksums", ofFile("checksums.json", Checksums::verify)),
              Map.entry("config", ofFile("config.json", LlamaConfig::read)),
              Map.entry("contract", ofFile("dictionary.json", DictionaryFolder::readContract)),
              Map.entry("published", ofFile("hyperparams.json", DictionaryFolder::readContract)),
              Map.entry("notes", ofFile("notes/notes.jsonl", Fuzz::notes)),
              Map.entry("recipe", ofFile("recipe.json", Fuzz::recipe)),
              Map.entry("safetensors", ofFile("model.safetensors", Fuzz::safetensors)),
              Map.entry("suite", ofFile("suite.json", folder -> Suite.open(folder).names())),
              Map.entry("texts", ofFile("texts.jsonl", Fuzz::texts)),
              Map.entry("query", ofText(Query::parse)),
              Map.entry("selection", ofText(text -> FeatureSelection.parse(text, 4096))),
              Map.entry("words", ofText(Fuzz::words))));

  private static final Target TARGET = TARGETS.get(System.getProperty("loupe.fuzz", "query"));
  private static final Path FOLDER = FolderFiles.temporary("loupe-fuzz");

  private Fuzz() {}

  /** What reads bytes. */
  @FunctionalInterface
  interface Target {
    void read(Path folder, byte[] bytes) throws IOException;
  }

  /** What Jazzer calls. */
  public static void fuzzerTestOneInput(byte[] bytes) throws IOException {
    attempt(TARGET, FOLDER, bytes);
  }

  /** Lets a target read bytes; throws what is no message. */
  static void attempt(Target target, Path folder, byte[] bytes) throws IOException {
    try {
      target.read(folder, bytes);
    } catch (RuntimeException e) {
      if (!DamagedFiles.isMessage(e)) {
        throw e;
      }
    }
  }

  private static Target ofFile(String name, Consumer<Path> reader) {
    return (folder, bytes) -> {
      Path file = folder.resolve(name);
      Files.createDirectories(file.getParent());
      Files.write(file, bytes);
      reader.accept(folder);
    };
  }

  private static Target ofText(Consumer<String> parser) {
    return (_, bytes) -> parser.accept(new String(bytes, StandardCharsets.UTF_8));
  }

  private static void notes(Path folder) {
    Notebook.open(folder, true, InstantSource.system()).all();
  }

  private static void recipe(Path folder) {
    Recipe.load(folder.resolve("recipe.json").toString());
  }

  private static void safetensors(Path folder) {
    try (TensorScope _ = TensorScope.open();
        SafetensorsFile file = SafetensorsFile.open(folder.resolve("model.safetensors"))) {
      file.names().forEach(file::read);
    }
  }

  private static void texts(Path folder) {
    CorpusSpec corpus = CorpusSpec.parse(folder.resolve("texts.jsonl").toString());
    new DocumentReader(corpus, false)
        .forEach(0, document -> Objects.requireNonNull(document.text()));
  }

  /** Names as the command line and addresses of pages have them. */
  private static void words(String text) {
    List<Consumer<String>> parsers =
        List.of(DictionaryName::parse, FeatureName::parse, Hook::parse, Price::parse);
    for (Consumer<String> parser : parsers) {
      try {
        parser.accept(text);
      } catch (IllegalArgumentException _) {
        // the next may know it
      }
    }
  }
}
