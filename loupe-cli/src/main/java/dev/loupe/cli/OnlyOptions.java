package dev.loupe.cli;

import dev.loupe.dictionary.DictionaryName;
import java.util.List;
import picocli.CommandLine.Option;

/** Which of a suite's dictionaries. */
final class OnlyOptions {
  @Option(
      names = "--only",
      split = ",",
      paramLabel = "NAME",
      description = "some of the suite's dictionaries")
  private List<String> only = List.of();

  /** Those that are named; all if none is. */
  List<DictionaryName> names() {
    return only.stream().map(DictionaryName::parse).toList();
  }
}
