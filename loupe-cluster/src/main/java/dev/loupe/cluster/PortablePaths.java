package dev.loupe.cluster;

import java.nio.file.Path;
import java.util.Arrays;
import picocli.CommandLine.Model.CommandSpec;

/** Names that mean the same on every machine, whatever folder a process runs in. */
final class PortablePaths {
  private static final String BUNDLED = "(demo|llama-scope)(-[a-z]+|:[a-z]+)?";
  private static final String ADDRESS = "[a-z][a-z0-9+.-]+:/.*";
  private static final String SHARE = "=[0-9.eE+-]+$";

  private PortablePaths() {}

  /** Refuses relative paths as values of these options. */
  static void check(CommandSpec spec, String... options) {
    for (String option : options) {
      Object value = spec.findOption(option).getValue();
      if (value != null) {
        check(option, value.toString());
      }
    }
  }

  /**
   * Refuses a relative path.
   *
   * @param value of an option: a path, a bundled name, an address, or a mixture of them
   */
  static void check(String option, String value) {
    Arrays.stream(value.split(",", -1))
        .map(part -> part.replaceFirst(SHARE, ""))
        .filter(part -> !part.matches(BUNDLED) && !part.matches(ADDRESS))
        .filter(part -> !Path.of(part).isAbsolute())
        .findFirst()
        .ifPresent(part -> {
          throw new IllegalArgumentException(
              "expected an absolute path as %s, the same on all machines, or a bundled name, got '%s'; here it is %s"
                  .formatted(option, part, Path.of(part).toAbsolutePath().normalize()));
        });
  }
}
