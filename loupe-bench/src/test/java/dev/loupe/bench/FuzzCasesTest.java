package dev.loupe.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loupe.files.FolderFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What fuzzing begins with, and what it has found, through the parsers again. */
final class FuzzCasesTest {
  private static final Path CASES = Path.of("src/test/resources/fuzz");

  @TempDir private Path folder;

  static Stream<Path> cases() {
    return FolderFiles.of(CASES).stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void isReadOrRefused(Path file) throws IOException {
    Fuzz.Target target = Fuzz.TARGETS.get(file.getParent().getFileName().toString());
    assertThat(target).as("a parser for %s", file).isNotNull();
    Fuzz.attempt(target, folder, Files.readAllBytes(file));
  }

  @Test
  void everyParserBeginsWithSomethingGood() {
    List<String> targets =
        cases().map(file -> file.getParent().getFileName().toString()).distinct().toList();
    assertThat(targets).containsExactlyElementsOf(Fuzz.TARGETS.keySet());
  }
}
