package dev.loupe.exchange;

import dev.loupe.files.FileFormatException;
import dev.loupe.files.IoFailures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The files {@code batch-0}, {@code batch-1}, ... of a folder. */
final class NumberedFiles {
  private NumberedFiles() {}

  static String name(int number, String ending) {
    return "batch-" + number + ending;
  }

  /** All of a folder, by number; refuses a folder that lacks one before another. */
  static List<Path> list(Path folder, String ending) {
    Pattern name = Pattern.compile("batch-\\d+" + Pattern.quote(ending));
    try (Stream<Path> files = Files.list(folder)) {
      long count =
          files.filter(file -> name.matcher(file.getFileName().toString()).matches()).count();
      return IntStream.iterate(0, number -> number < count, number -> number + 1)
          .mapToObj(number -> folder.resolve(name(number, ending)))
          .peek(file -> require(folder, file))
          .toList();
    } catch (IOException e) {
      throw IoFailures.reading(folder, e);
    }
  }

  private static void require(Path folder, Path file) {
    if (!Files.isRegularFile(file)) {
      throw new FileFormatException(
          folder,
          "expected batches numbered from 0, got no " + file.getFileName(),
          "copy the folder again");
    }
  }
}
