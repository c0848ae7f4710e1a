package dev.loupe.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DocumentReaderTest {
  private static final List<String> TEXTS = TestCorpora.documents(3, 500, 40);

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"a.jsonl", "a.jsonl.gz", "a.jsonl.zst"})
  void readsJsonLines(String name) {
    List<Document> documents = TestCorpora.read(TestCorpora.corpus(folder.resolve(name), TEXTS));
    assertThat(documents).extracting(Document::text).isEqualTo(TEXTS);
    assertThat(documents.get(7).reference()).isEqualTo(new DocumentReference(0, 0, 7));
  }

  @Test
  void keepsOtherFieldsAndPassesOverBlankLines() {
    List<Document> documents =
        read("\uFEFF" + TestCorpora.json("one", "train") + "\n\n  \n{\"n\": 1, \"text\": \"\"}");
    assertThat(documents).extracting(Document::text).containsExactly("one", "");
    assertThat(documents.get(0).metadata()).hasToString("{\"meta\":{\"split\":\"train\"}}");
    assertThat(documents.get(1).metadata()).hasToString("{\"n\":1}");
    assertThat(documents.get(1).reference().row()).isEqualTo(3);
  }

  @Test
  void readsOneDocumentOfEachTextFile() throws IOException {
    Files.writeString(folder.resolve("a.txt"), "one\ntwo\n");
    Files.writeString(folder.resolve("b.txt"), "three");
    List<Document> documents = TestCorpora.read(CorpusSpec.parse(folder.toString()));
    assertThat(documents).extracting(Document::text).containsExactly("one\ntwo\n", "three");
    assertThat(documents.get(1).reference()).isEqualTo(new DocumentReference(0, 1, 0));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"text\": \"a\"",
        "{\"text\": \"a\"} {}",
        "no json",
        "[1]",
        "{\"n\": 1}",
        "{\"text\": 3}"
      })
  void badLineIsNamedOrCounted(String line) throws IOException {
    Path file =
        TestCorpora.write(
            folder.resolve("a.jsonl"), List.of(TestCorpora.json("a"), line, TestCorpora.json("b")));
    assertBadSecondLine(file);
  }

  @Test
  void invalidUtf8IsNamedOrCounted() throws IOException {
    Path file = folder.resolve("a.jsonl");
    try (OutputStream out = Files.newOutputStream(file)) {
      out.write("{\"text\": \"a\"}\n{\"text\": \"".getBytes(StandardCharsets.UTF_8));
      out.write(0xC3);
      out.write("\"}\n{\"text\": \"\uFFFD\"}\n".getBytes(StandardCharsets.UTF_8));
    }
    assertBadSecondLine(file);
  }

  private static void assertBadSecondLine(Path file) {
    CorpusSpec corpus = CorpusSpec.parse(file.toString());
    assertThatThrownBy(() -> TestCorpora.read(corpus))
        .isInstanceOf(CorpusException.class)
        .hasMessageContaining(file + ":2")
        .hasMessageContaining("skip bad lines");
    List<Document> documents = new ArrayList<>();
    DocumentReader skipping = new DocumentReader(corpus, true);
    skipping.forEach(0, documents::add);
    assertThat(documents)
        .extracting(document -> document.reference().row())
        .containsExactly(0L, 2L);
    assertThat(skipping.badLines()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.jsonl.gz", "a.jsonl.zst"})
  void truncatedFileFailsEvenWhenSkipping(String name) throws IOException {
    Path file = folder.resolve(name);
    CorpusSpec corpus = TestCorpora.corpus(file, TEXTS);
    byte[] whole = Files.readAllBytes(file);
    for (int bytes : new int[] {1, 5, whole.length / 2, whole.length - 1}) {
      Files.write(file, Arrays.copyOf(whole, bytes));
      assertThatThrownBy(() -> new DocumentReader(corpus, true).forEach(0, document -> {}))
          .as("%d of %d bytes", bytes, whole.length)
          .isInstanceOf(CorpusException.class)
          .hasMessageContaining(file + ":")
          .hasMessageContaining("download it again");
    }
  }

  @Test
  void flippedBytesOfGzipAreFound() throws IOException {
    Path file = folder.resolve("a.jsonl.gz");
    CorpusSpec corpus = TestCorpora.corpus(file, TEXTS);
    byte[] whole = Files.readAllBytes(file);
    for (int at = 20; at < whole.length; at += whole.length / 7) {
      byte[] flipped = whole.clone();
      flipped[at] ^= 0x10;
      Files.write(file, flipped);
      assertThatThrownBy(() -> new DocumentReader(corpus, true).forEach(0, document -> {}))
          .as("byte %d", at)
          .isInstanceOf(CorpusException.class)
          .hasMessageContaining(file.toString());
    }
  }

  @Test
  void textFileThatIsNotUtf8IsNamed() throws IOException {
    Path file = Files.write(folder.resolve("a.txt"), new byte[] {'a', (byte) 0xFF});
    assertThatThrownBy(() -> TestCorpora.read(CorpusSpec.parse(file.toString())))
        .isInstanceOf(CorpusException.class)
        .hasMessageContaining("expected UTF-8, got other bytes in " + file);
  }

  private List<Document> read(String content) {
    try {
      Path file = Files.writeString(folder.resolve("a.jsonl"), content);
      return TestCorpora.read(CorpusSpec.parse(file.toString()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
