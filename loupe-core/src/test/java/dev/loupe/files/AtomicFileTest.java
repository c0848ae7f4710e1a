package dev.loupe.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir Path directory;
  private Path target;

  @BeforeEach
  void name() {
    target = directory.resolve("dictionary.json");
  }

  @Test
  void writesAndReplaces() throws IOException {
    AtomicFile.writeText(target, "one");
    AtomicFile.writeText(target, "zwei \u00fc");
    assertThat(target).hasContent("zwei \u00fc");
    assertThat(names()).containsExactly("dictionary.json");
  }

  @Test
  void writesIntoTheWorkingDirectoryWithoutAParent() throws IOException {
    Path bare = Path.of("atomic-file-test.tmp");
    try {
      AtomicFile.writeText(bare, "x");
      assertThat(bare).hasContent("x");
    } finally {
      Files.deleteIfExists(bare);
    }
  }

  @Test
  void whatKilledWritersOfThisFileLeftIsRemoved() throws IOException {
    List<String> others =
        List.of(".other.json.10956.b44b.partial", ".dictionary.json.x.partial", "dictionary.json");
    for (String name : others) {
      Files.writeString(directory.resolve(name), "x");
    }
    Files.writeString(directory.resolve(".dictionary.json.10956.b44b647ca5932d1d.partial"), "x");
    AtomicFile.removePartials(target);
    assertThat(names()).containsExactlyInAnyOrderElementsOf(others);
  }

  @Test
  void fullDiskLeavesTheTargetAndNothingElse() throws IOException {
    AtomicFile.writeText(target, "old");
    assertThatThrownBy(() ->
            AtomicFile.write(
                target,
                out -> {
                  out.write(new byte[200_000]);
                  throw new IOException("No space left on device");
                }))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage(
            "could not write "
                + target
                + ": no space left on device; free some there and try again");
    assertThat(target).hasContent("old");
    assertThat(names()).containsExactly("dictionary.json");
  }

  @Test
  void contentThatFailsOtherwiseLeavesNothing() throws IOException {
    assertThatThrownBy(() ->
            AtomicFile.write(
                target,
                out -> {
                  throw new IllegalStateException("tensor is closed");
                }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("tensor is closed");
    assertThat(names()).isEmpty();
  }

  @Test
  void targetThatIsADirectoryIsRefused() throws IOException {
    Files.createDirectories(target.resolve("inside"));
    assertThatThrownBy(() -> AtomicFile.writeText(target, "x"))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining(target.toString());
    assertThat(names()).containsExactly("dictionary.json");
  }

  @Test
  void missingDirectoryIsNamed() {
    Path orphan = directory.resolve("nowhere").resolve("a.json");
    assertThatThrownBy(() -> AtomicFile.writeText(orphan, "x"))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining(orphan.toString())
        .hasMessageContaining("no such file or directory: " + orphan.getParent());
  }

  @Test
  void anInterruptedThreadStillSaves() {
    Thread.currentThread().interrupt();
    try {
      AtomicFile.writeText(target, "saved");
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(target).hasContent("saved");
  }

  @Test
  void jsonKeepsTheOrderGiven() throws IOException {
    Map<String, Object> value = new LinkedHashMap<>();
    value.put("z", 1);
    value.put("a", List.of(1, 2));
    value.put("m", Map.of("k", 1e-5));
    AtomicFile.writeJson(target, value);
    assertThat(Files.readString(target))
        .isEqualTo(
            """
            {
              "z": 1,
              "a": [ 1, 2 ],
              "m": {
                "k": 1.0E-5
              }
            }
            """);
    assertThat(Json.readObject(target).get("m").get("k").asDouble()).isEqualTo(1e-5);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
