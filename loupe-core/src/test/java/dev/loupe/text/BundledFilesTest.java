package dev.loupe.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BundledFilesTest {
  private static final List<String> FILES = List.of("config.json", "tokenizer.json");

  @TempDir private Path cache;

  @Test
  void knowsItsModels() {
    assertThat(BundledFiles.model("demo").orElseThrow().resolve("model.safetensors")).exists();
    assertThat(BundledFiles.model("demo-chat").orElseThrow().resolve("config.json")).exists();
    assertThat(BundledFiles.model("demo-random")).isEmpty();
    assertThat(BundledFiles.corpus("wordnet.jsonl.gz")).exists();
  }

  @Test
  void extractsOnceAndMendsWhatIsCutShort() throws IOException {
    Path folder = BundledFiles.extract(cache, "models/demo", FILES);
    byte[] config = Files.readAllBytes(folder.resolve("config.json"));
    Files.writeString(folder.resolve("config.json"), "{");
    Files.delete(folder.resolve("tokenizer.json"));
    assertThat(BundledFiles.extract(cache, "models/demo", FILES)).isEqualTo(folder);
    assertThat(folder.resolve("config.json")).hasBinaryContent(config);
    assertThat(folder.resolve("tokenizer.json")).exists();
    assertThat(BundledFiles.extract(cache, "models/demo-chat", FILES)).isNotEqualTo(folder);
  }

  @Test
  void manyMayExtractAtOnce() throws IOException {
    List<Path> folders =
        IntStream.range(0, 16)
            .parallel()
            .mapToObj(i -> BundledFiles.extract(cache, "models/demo", FILES))
            .distinct()
            .toList();
    assertThat(folders).hasSize(1);
    try (Stream<Path> files = Files.list(folders.getFirst())) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(FILES);
    }
  }

  @Test
  void missingResourceNamesTheJar() {
    assertThatThrownBy(() -> BundledFiles.extract(cache, "corpora", List.of("none.jsonl")))
        .isInstanceOf(CorpusException.class)
        .hasMessageContaining("dev/loupe/demo/corpora/none.jsonl")
        .hasMessageContaining("add the jar loupe-demo");
  }

  @Test
  void cacheFolderIsThatOfTheEnvironment() {
    assertThat(BundledFiles.cacheFolder(Map.of("LOUPE_CACHE", "/a", "XDG_CACHE_HOME", "/b")))
        .isEqualTo(Path.of("/a"));
    assertThat(BundledFiles.cacheFolder(Map.of("XDG_CACHE_HOME", "/b")))
        .isEqualTo(Path.of("/b/loupe"));
    assertThat(BundledFiles.cacheFolder(Map.of())).endsWithRaw(Path.of(".cache/loupe"));
  }

  @Test
  void cacheThatCannotBeWrittenSaysWhatToDo() throws IOException {
    Path file = Files.createFile(cache.resolve("file"));
    assertThatThrownBy(() -> BundledFiles.extract(file, "models/demo", FILES))
        .isInstanceOf(CorpusException.class)
        .hasMessageContaining("set LOUPE_CACHE");
  }
}
