package dev.loupe.text;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Finds the files that a name on the command line means. A directory gives the files directly in
 * it, a glob ({@code *}, {@code **}, {@code ?}, {@code [..]}, <code>{..}</code>) those that match;
 * of both only files of a known kind are taken, sorted by name, so that the order is always the
 * same.
 */
final class CorpusFiles {
  private CorpusFiles() {}

  static Source find(String name) {
    if (isAddress(name)) {
      return elsewhere(name);
    }
    Path path = Path.of(name);
    if (Files.isDirectory(path)) {
      return source(name, list(path, 1, file -> true));
    }
    if (Files.exists(path)) {
      return source(name, List.of(known(path)));
    }
    if (name.matches(".*[*?\\[{].*")) {
      return source(name, matches(name));
    }
    throw new CorpusException(
        "expected a corpus file, directory, glob or bundled name, got '%s', which does not exist"
            .formatted(name));
  }

  /** Whether a name begins as {@code s3a://} does. */
  static boolean isAddress(String name) {
    return name.matches("[a-z][a-z0-9+.-]+://.*");
  }

  private static Source elsewhere(String address) {
    List<CorpusFile> files =
        ServiceLoader.load(CorpusStorage.class).stream()
            .flatMap(storage -> storage.get().find(address).stream())
            .findFirst()
            .orElseThrow(() ->
                new CorpusException(
                    "expected a corpus on this machine, got the address '%s'; commands of ./loupe cluster read those of Hadoop's file systems"
                        .formatted(address)))
            .stream()
            .filter(file -> CorpusFormat.of(file.name()).isPresent())
            .sorted(Comparator.comparing(CorpusFile::toString))
            .toList();
    checkAny(address, files);
    return new Source(address.substring(address.lastIndexOf('/') + 1), files, 1);
  }

  private static void checkAny(String name, List<?> files) {
    if (files.isEmpty()) {
      throw new CorpusException(
          "expected files of a kind in %s, got none in '%s'"
              .formatted(CorpusFormat.suffixes(), name));
    }
  }

  private static Source source(String name, List<Path> files) {
    checkAny(name, files);
    files.forEach(CorpusFiles::checkReadable);
    Path last = Path.of(name).toAbsolutePath().normalize().getFileName();
    return new Source(
        last == null ? name : last.toString(), files.stream().map(CorpusFile::of).toList(), 1);
  }

  private static Path known(Path file) {
    if (CorpusFormat.of(file.getFileName().toString()).isEmpty()) {
      throw new CorpusException(
          "expected a file of a kind in %s, got %s".formatted(CorpusFormat.suffixes(), file));
    }
    return file;
  }

  private static void checkReadable(Path file) {
    try {
      if (!Files.isReadable(file)) {
        throw new CorpusException("expected a file that may be read, got %s".formatted(file));
      }
      if (Files.size(file) == 0) {
        throw new CorpusException(
            "expected documents, got an empty file: %s; remove it or name another".formatted(file));
      }
    } catch (IOException e) {
      throw new CorpusException("cannot read %s: %s".formatted(file, e), e);
    }
  }

  private static List<Path> matches(String glob) {
    int firstSign = glob.split("[*?\\[{]", 2)[0].length();
    int slash = glob.lastIndexOf('/', firstSign);
    Path folder = Path.of(slash < 0 ? "." : glob.substring(0, slash + 1));
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    PathMatcher matcher =
        FileSystems.getDefault().getPathMatcher("glob:" + glob.substring(slash + 1));
    int depth =
        glob.contains("**") ? Integer.MAX_VALUE : glob.substring(slash + 1).split("/").length;
    return list(folder, depth, file -> matcher.matches(folder.relativize(file)));
  }

  private static List<Path> list(Path folder, int depth, Predicate<Path> wanted) {
    try (Stream<Path> files = Files.walk(folder, depth, FileVisitOption.FOLLOW_LINKS)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file ->
              CorpusFormat.of(file.getFileName().toString()).isPresent() && wanted.test(file))
          .sorted(Comparator.comparing(Path::toString))
          .toList();
    } catch (IOException e) {
      throw new CorpusException("cannot list %s: %s".formatted(folder, e), e);
    }
  }
}
