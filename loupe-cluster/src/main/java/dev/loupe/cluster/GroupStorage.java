package dev.loupe.cluster;

import dev.loupe.files.AtomicFolder;
import dev.loupe.files.FileFormatException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.hadoop.conf.Configuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a group of dictionaries has on shared storage: its last two states, each with the logs up to
 * it, and at the end its suite. Each is named by who wrote it, so that an attempt that was given up
 * and still runs disturbs nobody.
 */
final class GroupStorage {
  private static final Logger LOG = LoggerFactory.getLogger(GroupStorage.class);
  private static final String STATE = "state-";
  private static final String SUITE = "suite-";
  private static final int KEPT = 2;

  private final SharedFolders folders;

  private GroupStorage(SharedFolders folders) {
    this.folders = folders;
  }

  /**
   * That of a group.
   *
   * @param root of all groups
   * @param group its number, from 0
   */
  static GroupStorage of(URI root, int group, Configuration configuration) {
    String slash = root.toString().endsWith("/") ? "" : "/";
    return new GroupStorage(
        SharedFolders.at(URI.create(root + slash + name(group)), configuration));
  }

  /** Of the folder in that of all groups. */
  static String name(int group) {
    return "group-%04d".formatted(group);
  }

  /** The finished suite, if there is one. */
  Optional<String> suite() {
    return folders.names(SUITE).stream().filter(folders::isWhole).findFirst();
  }

  /**
   * Keeps a state with what belongs to it, and forgets those before the last two.
   *
   * @param by who writes, unique for all time
   */
  long putState(Path suite, long number, String by) {
    String state = "resume/step-" + number + "/";
    Predicate<String> belongs = file -> file.startsWith(state) || !file.startsWith("resume/");
    long bytes = folders.put("%s%018d-%s".formatted(STATE, number, by), suite, belongs);
    List<String> all = folders.names(STATE);
    all.subList(0, Math.max(0, all.size() - KEPT)).forEach(folders::delete);
    return bytes;
  }

  /**
   * Copies the newest state that is whole; of later ones that are not, a line in the log tells.
   *
   * @param suite a folder that does not exist, and does not if there is none
   * @return the number of the state
   */
  Optional<Long> fetchState(Path suite) {
    for (String name : folders.names(STATE).reversed()) {
      try {
        folders.fetch(name, suite);
        return Optional.of(Long.parseLong(name.substring(STATE.length()).split("-", 2)[0]));
      } catch (FileFormatException e) {
        LOG.warn("{} is not used: {}", name, e.getMessage());
        AtomicFolder.delete(suite);
      }
    }
    return Optional.empty();
  }

  /** Keeps the finished suite; states are not needed any more. */
  long putSuite(Path suite, String by) {
    long bytes = folders.put(SUITE + by, suite, _ -> true);
    folders.names(STATE).forEach(folders::delete);
    return bytes;
  }

  /** Copies the finished suite. */
  void fetchSuite(Path folder) {
    String name =
        suite()
            .orElseThrow(() ->
                new IllegalStateException(
                    "expected a finished suite in " + folders + ", got none"));
    folders.fetch(name, folder);
  }
}
