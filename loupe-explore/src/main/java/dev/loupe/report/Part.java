package dev.loupe.report;

import java.util.Arrays;
import java.util.Locale;

/** What a report shows, each measured by a command of its own, in the order in which they run. */
public enum Part {
  EVALUATION("evaluate --floors --trained-gate"),
  POSITIONS("evaluate --by-position"),
  TRANSFER("transfer"),
  ANALYSIS("analyze"),
  GEOMETRY("geometry"),
  SPLITTING("splitting"),
  PROBING("probe"),
  ABSORPTION("absorption");

  private final String command;

  Part(String command) {
    this.command = command;
  }

  /** The command that does the same alone. */
  public String command() {
    return command;
  }

  /** As it is called on the command line, and the name of its report. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The part that is called so. */
  public static Part parse(String label) {
    return Arrays.stream(values())
        .filter(part -> part.label().equals(label))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "expected parts of %s, got '%s'"
                    .formatted(Arrays.stream(values()).map(Part::label).toList(), label)));
  }
}
