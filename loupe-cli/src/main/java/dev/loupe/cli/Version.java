package dev.loupe.cli;

import dev.loupe.tensor.Torch;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. */
final class Version implements IVersionProvider {
  /** As its jar says. */
  static String ofLoupe() {
    String version = Loupe.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  /** Loads it. */
  static String ofLibtorch() {
    return Torch.version() + (Torch.hasCuda() ? ", CUDA" : ", no CUDA");
  }

  @Override
  public String[] getVersion() {
    return new String[] {
      "Loupe " + ofLoupe(),
      "Java " + System.getProperty("java.version") + ", " + System.getProperty("os.name")
    };
  }
}
