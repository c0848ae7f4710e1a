package dev.loupe.cli;

import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    String version = Loupe.class.getPackage().getImplementationVersion();
    return new String[] {
      "Loupe " + (version == null ? "development" : version),
      "Java " + System.getProperty("java.version") + ", " + System.getProperty("os.name")
    };
  }
}
