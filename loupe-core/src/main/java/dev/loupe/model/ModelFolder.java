package dev.loupe.model;

import dev.loupe.text.BundledFiles;
import dev.loupe.text.Tokenizer;
import java.nio.file.Path;

/** Placeholder until the full one lands. */
public record ModelFolder(String name, Path directory) {
  public static ModelFolder resolve(String argument) {
    return new ModelFolder(argument, BundledFiles.model(argument).orElse(Path.of(argument)));
  }

  static public void checkTokenizer(LlamaConfig config, Tokenizer tokenizer) {}
}
