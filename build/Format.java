import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Formats every Java file under a folder with google-java-format. {@code --check FOLDER} lists the
 * files that differ and fails; {@code --write FOLDER} rewrites them.
 */
final class Format {
  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 2 || !arguments[0].matches("--(check|write)")) {
      System.err.println("expected --check or --write and a folder; mvn takes -Dformat=write");
      System.exit(2);
    }
    boolean write = arguments[0].equals("--write");
    int differing = 0;
    for (Path file : javaFiles(Path.of(arguments[1]))) {
      String source = Files.readString(file);
      String formatted = format(file, source);
      if (!formatted.equals(source)) {
        differing++;
        System.err.println((write ? "formatted " : "not formatted: ") + file);
        if (write) {
          Files.writeString(file, formatted);
        }
      }
    }
    if (differing > 0 && !write) {
      System.err.println(differing + " files to format; run: mvn -q -N verify -Dformat=write");
      System.exit(1);
    }
  }

  private static String format(Path file, String source) {
    try {
      return new Formatter().formatSourceAndFixImports(source);
    } catch (FormatterException e) {
      throw new IllegalArgumentException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  private static List<Path> javaFiles(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> isSource(folder.relativize(file))).sorted().toList();
    }
  }

  private static boolean isSource(Path file) {
    return file.toString().endsWith(".java")
        && StreamSupport.stream(file.spliterator(), false)
            .noneMatch(part -> part.toString().matches("\\..*|target|runs"));
  }
}
