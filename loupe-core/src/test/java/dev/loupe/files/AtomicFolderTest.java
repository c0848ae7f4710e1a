package dev.loupe.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFolderTest {
  @TempDir Path folder;

  @Test
  void removesWhatKilledWritersLeftAndNothingElse() throws IOException {
    Files.createDirectories(folder.resolve("inner/.a.1.ff.partial/deep"));
    Files.writeString(folder.resolve("inner/.a.1.ff.partial/deep/file"), "x");
    Files.writeString(folder.resolve(".b.json.1.ff.partial"), "x");
    Files.writeString(folder.resolve(".hidden"), "x");
    Files.writeString(folder.resolve("whole.partial"), "x");
    AtomicFolder.removePartials(folder, 1);
    assertThat(folder.toFile().list())
        .containsExactlyInAnyOrder("inner", ".hidden", "whole.partial");
    assertThat(folder.resolve("inner").toFile().list()).containsExactly(".a.1.ff.partial");
    AtomicFolder.removePartials(folder, 2);
    assertThat(folder.resolve("inner")).isEmptyDirectory();
    AtomicFolder.removePartials(folder.resolve("none"), 1);
  }

  @Test
  void deletesAFolderWithAllThatIsInIt() throws IOException {
    Files.createDirectories(folder.resolve("a/b"));
    Files.writeString(folder.resolve("a/b/c"), "x");
    AtomicFolder.delete(folder.resolve("a"));
    AtomicFolder.delete(folder.resolve("a"));
    assertThat(folder).isEmptyDirectory();
  }
}
