package dev.loupe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LineFileTest {
  @TempDir private Path folder;

  @Test
  void linesThatCannotBeWrittenWait() throws IOException {
    Path file = folder.resolve("later/log.jsonl");
    LineFile lines = new LineFile(file);
    try (LogLines log = LogLines.of(LineFile.class)) {
      lines.append(Map.of("step", 0));
      lines.append(Map.of("step", 1));
      assertThat(log.lines()).singleElement().asString().contains("log.jsonl", "wait in memory");
    }
    assertThatThrownBy(lines::sync)
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("log.jsonl");
    Files.createDirectory(file.getParent());
    lines.append(Map.of("step", 2));
    lines.sync();
    assertThat(Files.readAllLines(file))
        .containsExactly("{\"step\":0}", "{\"step\":1}", "{\"step\":2}");
  }

  @Test
  void whatAFailedWriteLeftIsOverwritten() throws IOException {
    Path file = folder.resolve("log.jsonl");
    LineFile lines = new LineFile(file);
    lines.append(Map.of("step", 0));
    Files.writeString(file, "{\"step\":0}\n{\"st");
    lines.append(Map.of("step", 1));
    assertThat(file).hasContent("{\"step\":0}\n{\"step\":1}\n");
  }

  @Test
  void goesOnAfterTheLinesThatAreKept() throws IOException {
    Path file = folder.resolve("log.jsonl");
    Files.write(file, new byte[] {'a', '\n', 'b', (byte) 0xff, '\n', 'a', 'c'});
    LineFile lines = new LineFile(file);
    lines.keep(line -> line.startsWith("a"));
    lines.append(Map.of("step", 1));
    assertThat(file).hasContent("a\nac\n{\"step\":1}\n");
  }
}
