package dev.loupe.files;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * SHA-256 of the files of a directory, in its {@code checksums.json}: an object from relative path,
 * with forward slashes, to lower-case hex, sorted by path.
 */
public final class Checksums {
  /** Name of the file that holds them. */
  public static final String FILE = "checksums.json";

  private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");
  private static final int BUFFER_BYTES = 1 << 20;

  private Checksums() {}

  /**
   * Computes and writes the checksums of the files below a directory.
   *
   * @param included which relative paths (forward slashes) take part; {@code checksums.json} itself
   *     and files that are being written never do
   */
  public static void write(Path directory, Predicate<String> included) {
    SortedMap<String, String> sums = new TreeMap<>();
    for (Path file : files(directory)) {
      String name = relative(directory, file);
      if (included.test(name)) {
        sums.put(name, sha256(file));
      }
    }
    AtomicFile.writeJson(directory.resolve(FILE), sums);
  }

  /**
   * Compares every file listed with its checksum.
   *
   * @throws FileFormatException for the first file that is missing or differs, or a list that is
   *     none
   */
  public static void verify(Path directory) {
    Path list = directory.resolve(FILE);
    Json.readObject(list)
        .properties()
        .forEach(sum -> {
          Path file = listed(directory, sum.getKey());
          String expected = sum.getValue().asText();
          if (!HEX.matcher(expected).matches()) {
            throw new FileFormatException(
                list, "expected 64 hexadecimal digits for " + sum.getKey() + ", got " + expected);
          }
          verify(file, expected);
        });
  }

  /** The files that have a checksum, sorted by path. */
  public static List<Path> listed(Path directory) {
    return Json.readObject(directory.resolve(FILE))
        .propertyStream()
        .map(sum -> listed(directory, sum.getKey()))
        .toList();
  }

  /** Whether a directory has checksums, and one of them is of a file, which may be gone. */
  public static boolean cover(Path directory, String name) {
    return Files.exists(directory.resolve(FILE))
        && listed(directory).contains(directory.resolve(name));
  }

  private static Path listed(Path directory, String name) {
    return directory.resolve(checkedName(directory.resolve(FILE), name));
  }

  /** The checksum of one file, in lower-case hex. */
  public static String sha256(Path file) {
    MessageDigest digest = digest();
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    } catch (IOException e) {
      throw IoFailures.reading(file, e);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** The checksum of bytes, in lower-case hex. */
  public static String sha256(byte[] bytes) {
    return HexFormat.of().formatHex(digest().digest(bytes));
  }

  /** A new SHA-256, for what is not a file. */
  public static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("expected SHA-256, which every JDK has, got none", e);
    }
  }

  private static void verify(Path file, String expected) {
    if (!Files.isRegularFile(file)) {
      throw new FileFormatException(
          file, "expected a file with SHA-256 " + expected + ", got no file");
    }
    String got = sha256(file);
    if (!got.equals(expected)) {
      throw new FileFormatException(
          file,
          "expected SHA-256 " + expected + ", got " + got,
          "it was damaged or changed after it was written");
    }
  }

  private static List<Path> files(Path directory) {
    try (Stream<Path> walk = Files.walk(directory)) {
      return walk.filter(Files::isRegularFile)
          .filter(file -> !relative(directory, file).equals(FILE))
          .filter(file -> !file.getFileName().toString().endsWith(AtomicFile.PARTIAL))
          .toList();
    } catch (IOException e) {
      throw IoFailures.reading(directory, e);
    }
  }

  private static String relative(Path directory, Path file) {
    return directory.relativize(file).toString().replace(File.separatorChar, '/');
  }

  private static String checkedName(Path list, String name) {
    boolean plain =
        Stream.of(name.split("/", -1))
            .noneMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."));
    if (!plain || name.indexOf('\\') >= 0 || name.indexOf('\0') >= 0 || name.indexOf(':') >= 0) {
      throw new FileFormatException(
          list, "expected relative paths below the directory, got '" + name + "'");
    }
    return name;
  }
}
