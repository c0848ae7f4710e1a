package dev.loupe.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Parts that do not make up a work are refused, with what is wrong. */
final class PartFoldersTest {
  @TempDir private Path folder;

  private PartFolders parts;

  @BeforeEach
  void writeThree() throws IOException {
    parts = new PartFolders(folder, "analysis");
    for (int number = 3; number >= 1; number--) {
      write(parts, new WorkPart(number, 3), "tokens", 5);
    }
  }

  private static Path write(PartFolders parts, WorkPart part, String key, int value)
      throws IOException {
    Path of = Files.createDirectory(parts.of(part));
    AtomicFile.writeJson(of.resolve(PartFolders.REQUEST), Map.of("seed", 1, key, value));
    parts.label(of, part);
    AtomicFile.writeText(of.resolve("data"), "some numbers");
    PartFolders.finish(of);
    return of;
  }

  private List<Path> all() {
    return parts.all(of ->
        Json.differences(
            Map.of("seed", 1, "tokens", 5), Json.readObject(of.resolve(PartFolders.REQUEST))));
  }

  private void refused(String... words) {
    assertThatThrownBy(this::all)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(words);
  }

  @Test
  void comeInOrder() {
    assertThat(all())
        .extracting(each -> each.getFileName().toString())
        .containsExactly("part-1-of-3", "part-2-of-3", "part-3-of-3");
  }

  @Test
  void otherFoldersPlayNoRole() throws IOException {
    Files.createDirectory(folder.resolve("notes"));
    Files.move(parts.of(new WorkPart(2, 3)), folder.resolve("renamed"));
    assertThat(all()).hasSize(3).contains(folder.resolve("renamed"));
  }

  @Test
  void missingPartsAreNamed() {
    AtomicFolder.delete(parts.of(new WorkPart(3, 3)));
    AtomicFolder.delete(parts.of(new WorkPart(1, 3)));
    refused("expected 3 parts", "got none of 1/3, 3/3", "--part");
    AtomicFolder.delete(parts.of(new WorkPart(2, 3)));
    refused("expected the parts of an analysis", "got none");
    AtomicFolder.delete(folder);
    refused("expected a folder of parts");
  }

  @Test
  void aPartThatIsBeingWrittenIsNone() throws IOException {
    Files.move(parts.of(new WorkPart(2, 3)), folder.resolve(".part-2-of-3.1.2.partial"));
    refused("got none of 2/3");
  }

  @Test
  void partsThatAreThereTwiceAreNamed() throws IOException {
    Path second = parts.of(new WorkPart(2, 3));
    Path copy = Files.createDirectory(folder.resolve("another"));
    for (String file : List.of("part.json", "request.json", "data", "checksums.json")) {
      Files.copy(second.resolve(file), copy.resolve(file));
    }
    refused("expected part 2/3 once", copy.toString(), second.toString());
  }

  @Test
  void unfinishedPartsAreRefused() throws IOException {
    Files.delete(parts.of(new WorkPart(2, 3)).resolve("checksums.json"));
    refused("expected finished parts", "part 2/3", "run it again");
  }

  @Test
  void partsOfTwoCutsAreRefused() throws IOException {
    write(parts, new WorkPart(2, 5), "tokens", 5);
    refused("expected parts of one cut", "1/3", "2/5");
  }

  @Test
  void partsOfAnotherWorkAreRefused() throws IOException {
    write(new PartFolders(folder, "evaluation"), new WorkPart(4, 4), "tokens", 5);
    refused("expected parts of an analysis", "one of an evaluation", "part-4-of-4");
  }

  @Test
  void partsOfAnotherRequestAreRefused() throws IOException {
    AtomicFolder.delete(parts.of(new WorkPart(2, 3)));
    write(parts, new WorkPart(2, 3), "tokens", 6);
    refused("expected parts of the first one's request", "part 2/3", "differs in tokens");
    AtomicFolder.delete(parts.of(new WorkPart(1, 3)));
    write(parts, new WorkPart(1, 3), "words", 5);
    refused("expected parts of what is asked for", "part 1/3", "differs in tokens, words");
  }

  @Test
  void damagedPartsAreRefused() {
    AtomicFile.writeText(parts.of(new WorkPart(2, 3)).resolve("data"), "other numbers");
    assertThatThrownBy(this::all)
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("data")
        .hasMessageContaining("expected SHA-256");
  }
}
