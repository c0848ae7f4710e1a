package dev.loupe.files;

import java.io.IOException;
import java.io.SyncFailedException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Unchecked forms of failed reads and writes, whose messages name the file and the cause. */
public final class IoFailures {
  private IoFailures() {}

  public static UncheckedIOException reading(Path path, IOException cause) {
    return new UncheckedIOException("could not read " + path + ": " + reason(cause), cause);
  }

  public static UncheckedIOException writing(Path path, IOException cause) {
    String reason = reason(cause);
    String next = reason.startsWith("no space left") ? "; free some there and try again" : "";
    return new UncheckedIOException("could not write " + path + ": " + reason + next, cause);
  }

  public static UncheckedIOException removing(Path path, IOException cause) {
    return new UncheckedIOException("could not remove " + path + ": " + reason(cause), cause);
  }

  /** The JDK's messages are often only the path: says it in words. */
  private static String reason(IOException cause) {
    return switch (cause) {
      case NoSuchFileException e -> "no such file or directory: " + e.getFile();
      case AccessDeniedException e -> "permission denied: " + e.getFile();
      case SyncFailedException _ -> "input/output error: the disk did not take it";
      case FileSystemException e -> worded(e.getReason(), e);
      default -> worded(cause.getMessage(), cause);
    };
  }

  private static String worded(@Nullable String text, IOException cause) {
    if (text == null || text.isBlank()) {
      return cause.toString();
    }
    boolean sentence = text.matches("(No space left|Input/output error|Read-only file system).*");
    return sentence ? Character.toLowerCase(text.charAt(0)) + text.substring(1) : text;
  }
}
