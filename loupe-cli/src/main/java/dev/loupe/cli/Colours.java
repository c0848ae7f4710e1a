package dev.loupe.cli;

/** Whether stdout is a terminal that shows colours, as the launcher found out. */
final class Colours {
  static final boolean ARE_SHOWN = System.getenv("LOUPE_COLOR") != null;

  /** Whether the user lets anything be coloured; see no-color.org. */
  static final boolean ARE_ALLOWED = System.getenv().getOrDefault("NO_COLOR", "").isEmpty();

  private Colours() {}

  static String bold(String text, boolean shown) {
    return shown ? "\u001B[1m" + text + "\u001B[0m" : text;
  }

  static String dim(String text, boolean shown) {
    return shown ? "\u001B[2m" + text + "\u001B[0m" : text;
  }
}
