package dev.loupe.safetensors;

import java.nio.file.Path;

/** Where the golden files are; Surefire runs tests in the module's folder. */
final class Golden {
  static final Path FOLDER = Path.of("src", "test", "resources", "golden");
  static final Path LLAMA31 = FOLDER.resolve("llama31");
  static final Path TIED = FOLDER.resolve("llama-tied");
  static final Path SAE =
      FOLDER.resolve("sae/Llama3_1-8B-Base-L1R-8x/checkpoints/final.safetensors");

  private Golden() {}
}
