package dev.loupe.files;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import java.io.BufferedOutputStream;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Writes files whole or not at all: beside the target, synced, renamed into place, directory
 * synced. A reader sees the old file or the new one, also after a crash.
 *
 * <p>The directory must exist. A failed write leaves the target as it was and nothing beside it; it
 * is thrown as {@link java.io.UncheckedIOException} that names the target and the cause, or as
 * whatever the content threw. A killed process leaves a hidden {@code .NAME.PID.RANDOM.partial}.
 * Thread-safe; of two writers of one target the later wins. Interrupting the thread does not
 * interrupt a write, so that an interrupted run can still save.
 */
public final class AtomicFile {
  /** Ending of a file that is being written. */
  static final String PARTIAL = ".partial";

  private static final int BUFFER_BYTES = 1 << 16;

  private AtomicFile() {}

  /** What a file shall hold. */
  @FunctionalInterface
  public interface Content {
    /** Writes all of it; the stream is buffered and closed by the caller. */
    void writeTo(OutputStream out) throws IOException;
  }

  /** Writes a file, replacing one that is there. */
  public static void write(Path target, Content content) {
    write(target, true, content);
  }

  /**
   * As {@link #write}, without waiting for the disk: for a file that carries sums and can be made
   * again. It survives the process; when the machine stops it may be cut short.
   */
  public static void writeScratch(Path target, Content content) {
    write(target, false, content);
  }

  private static void write(Path target, boolean sync, Content content) {
    try {
      Path directory = directory(target);
      Path partial = directory.resolve(partialName(target));
      try {
        fill(partial, sync, content);
        Files.move(
            partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } catch (Throwable e) {
        deleteAfter(e, partial);
        throw e;
      }
      if (sync) {
        syncDirectory(directory);
      }
    } catch (IOException e) {
      throw IoFailures.writing(target, e);
    }
  }

  /** Writes a text as UTF-8. */
  public static void writeText(Path target, String text) {
    write(target, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * Writes a record, map or tree as indented JSON with a newline at the end: the same bytes on
   * every platform, keys in the order in which the value gives them.
   */
  public static void writeJson(Path target, Object value) {
    write(
        target,
        out -> {
          // to memory first: the generator would close the stream, and it buffers by itself
          out.write(Json.mapper().writer(printer()).writeValueAsBytes(value));
          out.write('\n');
        });
  }

  private static Path directory(Path target) throws IOException {
    Path parent = target.getParent();
    Path directory = parent == null ? Path.of("") : parent;
    if (!Files.isDirectory(directory)) {
      throw new NoSuchFileException(directory.toString());
    }
    return directory;
  }

  private static String partialName(Path target) {
    long random = ThreadLocalRandom.current().nextLong();
    return "."
        + target.getFileName()
        + "."
        + ProcessHandle.current().pid()
        + "."
        + Long.toHexString(random)
        + PARTIAL;
  }

  /** Removes what killed writers of a file left beside it. No other may be at work. */
  public static void removePartials(Path target) {
    String left = "[.]" + Pattern.quote(target.getFileName() + ".") + "\\d+[.][0-9a-f]+[.]partial";
    try (Stream<Path> files = Files.list(directory(target))) {
      List<Path> partials =
          files.filter(file -> file.getFileName().toString().matches(left)).toList();
      for (Path partial : partials) {
        Files.deleteIfExists(partial);
      }
    } catch (IOException e) {
      throw IoFailures.writing(target, e);
    }
  }

  private static void fill(Path partial, boolean sync, Content content) throws IOException {
    // not a FileChannel: an interrupt would close that in the middle of a save
    try (FileOutputStream file = new FileOutputStream(partial.toFile())) {
      OutputStream buffered = new BufferedOutputStream(file, BUFFER_BYTES);
      content.writeTo(buffered);
      buffered.flush();
      if (sync) {
        file.getFD().sync();
      }
    }
  }

  private static void deleteAfter(Throwable failure, Path partial) {
    try {
      Files.deleteIfExists(partial);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  /** Makes durable that files were made, renamed or removed in a directory. */
  public static void syncDirectory(Path directory) throws IOException {
    if (File.separatorChar == '\\') {
      return; // Windows opens no directories, and journals renames
    }
    boolean interrupted = Thread.interrupted(); // would close the channel
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static DefaultPrettyPrinter printer() {
    Separators separators =
        Separators.createDefaultInstance().withObjectFieldValueSpacing(Separators.Spacing.AFTER);
    return new DefaultPrettyPrinter(separators).withObjectIndenter(new DefaultIndenter("  ", "\n"));
  }
}
