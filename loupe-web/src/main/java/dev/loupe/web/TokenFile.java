package dev.loupe.web;

import dev.loupe.files.IoFailures;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** A file that holds the token of those who may write, for a server that starts again. */
public final class TokenFile {
  private static final int MOST_BYTES = 1_000;

  private TokenFile() {}

  /**
   * The token in a file; where there is none, a new one, in a file that its owner alone may read.
   *
   * @throws IllegalArgumentException where the file holds anything but a token
   */
  public static String readOrMake(Path file) {
    if (!Files.exists(file)) {
      make(file);
    }
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new IllegalArgumentException(
            "expected a token in %s, got %,d bytes".formatted(file, Files.size(file)));
      }
      return Files.readString(file, StandardCharsets.ISO_8859_1).strip();
    } catch (IOException e) {
      throw IoFailures.reading(file, e);
    }
  }

  private static void make(Path file) {
    boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
    FileAttribute<?>[] mine =
        posix
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
            }
            : new FileAttribute<?>[0];
    try (SeekableByteChannel out =
        Files.newByteChannel(
            file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), mine)) {
      out.write(StandardCharsets.US_ASCII.encode(Reach.newToken() + "\n"));
    } catch (IOException e) {
      if (!Files.exists(file)) { // else another server has made it just now
        throw IoFailures.writing(file, e);
      }
    }
  }
}
