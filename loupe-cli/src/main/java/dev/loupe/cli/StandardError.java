package dev.loupe.cli;

/**
 * Gives the process its standard error back. The launcher starts the JVM with a filter in its
 * place, which drops the line that the JVM says about the incubating vector module, and the real
 * one as another descriptor, named by {@code LOUPE_STDERR}. From here on nothing stands between
 * Loupe and the terminal.
 */
final class StandardError {
  private StandardError() {}

  /** Does nothing where the launcher has set nothing. */
  static void restore() {
    String descriptor = System.getenv("LOUPE_STDERR");
    if (descriptor != null) {
      Descriptors.errorTo(Integer.parseInt(descriptor));
    }
  }
}
