package dev.loupe.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loupe.files.FileFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders on shared storage, by Hadoop's file system of local files. */
final class SharedFoldersTest {
  @TempDir private Path folder;
  private Path local;
  private Path shared;
  private SharedFolders folders;

  @BeforeEach
  void make() throws IOException {
    local = Files.createDirectories(folder.resolve("local/below"));
    local = local.getParent();
    Files.writeString(local.resolve("a.txt"), "one");
    Files.writeString(local.resolve("below/b.txt"), "two and three");
    shared = folder.resolve("shared");
    folders = SharedFolders.at(shared.toUri(), new Configuration(false));
  }

  private void put(String name) {
    long bytes = folders.put(name, local, _ -> true);
    assertThat(bytes).isEqualTo(16);
  }

  @Test
  void whatIsWrittenIsRead() {
    assertThat(folders.names("")).isEmpty();
    put("state-1");
    put("state-2");
    put("suite-1");
    assertThat(folders.names("state-")).containsExactly("state-1", "state-2");
    assertThat(folders.isWhole("state-1")).isTrue();
    assertThat(folders.fetch("state-1", folder.resolve("back"))).isEqualTo(16);
    assertThat(folder.resolve("back/below/b.txt")).hasContent("two and three");
    assertThat(folder.resolve("back/files.json")).doesNotExist();
    folders.delete("state-1");
    assertThat(folders.names("state-")).containsExactly("state-2");
    assertThat(shared.resolve("state-2")).isDirectoryNotContaining("glob:**.crc");
  }

  /** As a kill in the middle of an upload, and of a rename that is none, leave it. */
  @Test
  void whatIsNotWholeIsRefused() throws IOException {
    put("state-1");
    Files.move(shared.resolve("state-1"), shared.resolve(".partial-state-1"));
    assertThat(folders.names("")).isEmpty();
    put("state-2");
    Files.delete(shared.resolve("state-2/below/b.txt"));
    assertRefused("state-2", "below/b.txt");
    assertThat(folders.isWhole("state-2")).isFalse();
    put("state-3");
    Files.delete(shared.resolve("state-3/files.json"));
    assertRefused("state-3", "files.json");
    assertThat(folders.isWhole("state-3")).isFalse();
    put("state-4");
    Files.writeString(shared.resolve("state-4/files.json"), "[{\"path\":");
    assertRefused("state-4", "expected all files of");
    assertThat(folders.isWhole("state-4")).isFalse();
  }

  @Test
  void aChangedFileIsRefused() throws IOException {
    put("state-1");
    Files.writeString(shared.resolve("state-1/a.txt"), "eno");
    assertRefused("state-1", "expected SHA-256");
  }

  @Test
  void aPathThatLeavesTheFolderIsRefused() throws IOException {
    put("state-1");
    Path list = shared.resolve("state-1/files.json");
    Files.writeString(list, Files.readString(list).replace("a.txt", "../a.txt"));
    assertRefused("state-1", "expected paths below the folder");
    assertThat(folder.resolve("a.txt")).doesNotExist();
  }

  private void assertRefused(String name, String message) {
    assertThatThrownBy(() -> folders.fetch(name, folder.resolve("back")))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining(message);
  }

  /**
   * States are numbered in order, whoever wrote them; a damaged one gives way to the one before.
   */
  @Test
  void aGroupGoesOnFromItsNewestWholeState() throws IOException {
    Path suite = folder.resolve("suite");
    GroupStorage storage = GroupStorage.of(shared.toUri(), 7, new Configuration(false));
    assertThat(storage.fetchState(folder.resolve("none"))).isEmpty();
    for (int number : List.of(9, 10, 11)) {
      Files.createDirectories(suite.resolve("resume/step-" + number));
      Files.writeString(suite.resolve("resume/step-" + number + "/state.json"), "{" + number + "}");
      Files.writeString(suite.resolve("training.jsonl"), "until " + number);
      storage.putState(suite, number, "somebody" + number);
    }
    Path group = shared.resolve("group-0007");
    assertThat(group.toFile().list()).hasSize(2); // of 9 nobody needs to know
    assertThat(storage.fetchState(folder.resolve("newest"))).contains(11L);
    assertThat(folder.resolve("newest/training.jsonl")).hasContent("until 11");
    assertThat(folder.resolve("newest/resume").toFile().list()).containsExactly("step-11");
    Files.writeString(
        group.resolve("state-000000000000000011-somebody11/training.jsonl"), "until now");
    assertThat(storage.fetchState(folder.resolve("older"))).contains(10L);
    assertThat(folder.resolve("older/training.jsonl")).hasContent("until 10");
    storage.putSuite(suite, "somebody");
    assertThat(storage.suite()).contains("suite-somebody");
    assertThat(storage.fetchState(folder.resolve("gone"))).isEmpty();
  }
}
