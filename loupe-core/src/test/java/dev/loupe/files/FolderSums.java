package dev.loupe.files;

import java.nio.file.Path;
import java.util.NavigableMap;
import java.util.TreeMap;

/** SHA-256 of every file of a folder by its path: also of what should not be there. */
public final class FolderSums {
  private FolderSums() {}

  /** Of all files. */
  public static NavigableMap<String, String> of(Path folder) {
    NavigableMap<String, String> sums = new TreeMap<>();
    for (Path file : FolderFiles.of(folder)) {
      sums.put(folder.relativize(file).toString(), Checksums.sha256(file));
    }
    return sums;
  }

  /** Of a suite, times apart. */
  public static NavigableMap<String, String> ofSuite(Path suite) {
    NavigableMap<String, String> sums = of(suite);
    sums.keySet().removeIf(file -> Path.of(file).endsWith("timing.jsonl"));
    return sums;
  }
}
