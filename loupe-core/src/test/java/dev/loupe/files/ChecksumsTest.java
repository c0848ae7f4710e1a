package dev.loupe.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChecksumsTest {
  private static final String ABC =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; // FIPS 180-2

  @TempDir Path directory;

  @BeforeEach
  void files() throws IOException {
    Files.createDirectory(directory.resolve("checkpoints"));
    Files.writeString(directory.resolve("checkpoints").resolve("final.safetensors"), "abc");
    Files.writeString(directory.resolve("a.json"), "{}");
    Files.writeString(directory.resolve("timing.jsonl"), "1");
    Files.writeString(directory.resolve(".a.json.1.2.partial"), "half");
  }

  @Test
  void listsFilesSorted() {
    Checksums.write(directory, name -> !name.equals("timing.jsonl"));
    Checksums.write(directory, name -> !name.equals("timing.jsonl")); // not of itself
    assertThat(Json.readObject(directory.resolve("checksums.json")).fieldNames())
        .toIterable()
        .containsExactly("a.json", "checkpoints/final.safetensors");
    assertThat(Checksums.sha256(directory.resolve("checkpoints/final.safetensors"))).isEqualTo(ABC);
    assertThatCode(() -> Checksums.verify(directory)).doesNotThrowAnyException();
  }

  @Test
  void changedFileIsNamedWithBothSums() throws IOException {
    Checksums.write(directory, _ -> true);
    Path changed = directory.resolve("checkpoints").resolve("final.safetensors");
    Files.writeString(changed, "abd");
    assertThatThrownBy(() -> Checksums.verify(directory))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("expected SHA-256 " + ABC)
        .hasMessageContaining("got " + Checksums.sha256(changed) + " in " + changed);
    Files.delete(changed);
    assertThatThrownBy(() -> Checksums.verify(directory))
        .hasMessageContaining("got no file in " + changed);
  }

  @ParameterizedTest
  @ValueSource(strings = {"../a", "/etc/passwd", "a//b", "a/../../b", "C:/x", "a\\b", ""})
  void pathsOutsideAreRefused(String name) {
    AtomicFile.writeJson(directory.resolve("checksums.json"), Map.of(name, ABC));
    assertThatThrownBy(() -> Checksums.verify(directory))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("expected relative paths below the directory, got '" + name + "'");
  }

  @Test
  void sumsThatAreNoneAreRefused() {
    AtomicFile.writeJson(directory.resolve("checksums.json"), Map.of("a.json", "12"));
    assertThatThrownBy(() -> Checksums.verify(directory))
        .hasMessageContaining("expected 64 hexadecimal digits for a.json, got 12");
  }
}
