package dev.loupe.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** SHA-256 of every file of a folder by its path: also of what should not be there. */
public final class FolderSums {
  private FolderSums() {}

  /** Of all files. */
  public static NavigableMap<String, String> of(Path folder) {
    NavigableMap<String, String> sums = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      files
          .filter(Files::isRegularFile)
          .forEach(file -> sums.put(folder.relativize(file).toString(), Checksums.sha256(file)));
      return sums;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Of a suite, times apart. */
  public static NavigableMap<String, String> ofSuite(Path suite) {
    NavigableMap<String, String> sums = of(suite);
    sums.keySet().removeIf(file -> Path.of(file).endsWith("timing.jsonl"));
    return sums;
  }
}
