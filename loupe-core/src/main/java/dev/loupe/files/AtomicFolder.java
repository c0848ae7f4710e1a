package dev.loupe.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Writes folders whole or not at all: filled beside the target and renamed into place. A failed
 * write leaves the target as it was and nothing beside it; a killed process leaves a hidden {@code
 * .NAME.PID.RANDOM.partial}. Thread-safe.
 */
public final class AtomicFolder {
  private AtomicFolder() {}

  /**
   * Writes a folder that does not exist yet or is empty, and the folders above it.
   *
   * @param content fills the folder that it is given; its files are to be written by {@link
   *     AtomicFile}, which syncs them
   * @throws IllegalArgumentException before anything is written, if the target holds anything
   */
  public static void write(Path target, Consumer<Path> content) {
    requireFree(target);
    fill(target, content);
  }

  /**
   * As {@link #write}, in the place of a folder that may be there: a reader finds the old one, the
   * new one or, for the moment between two renames, none.
   */
  public static void replace(Path target, Consumer<Path> content) {
    if (Files.exists(target) && !Files.isDirectory(target)) {
      throw new IllegalArgumentException("expected a folder to write to, got the file " + target);
    }
    fill(target, content);
  }

  private static void fill(Path target, Consumer<Path> content) {
    Path absolute = target.toAbsolutePath().normalize();
    try {
      Path parent = absolute.getParent();
      if (parent == null) {
        throw new IllegalArgumentException("expected a folder that can be new, got " + target);
      }
      Files.createDirectories(parent);
      syncAbove(parent);
      Path partial = Files.createDirectory(parent.resolve(partialName(absolute)));
      Path old = parent.resolve(partialName(absolute));
      try {
        content.accept(partial);
        if (Files.exists(absolute)) {
          Files.move(absolute, old, StandardCopyOption.ATOMIC_MOVE);
        }
        Files.move(partial, absolute, StandardCopyOption.ATOMIC_MOVE);
      } catch (Throwable e) {
        deleteAfter(e, partial);
        throw e;
      }
      AtomicFile.syncDirectory(parent);
      delete(old);
    } catch (IOException e) {
      throw IoFailures.writing(target, e);
    }
  }

  /** Refuses a target that {@link #write} would: what a long work asks before it begins. */
  public static void requireFree(Path target) {
    if (!Files.exists(target)) {
      return;
    }
    if (!Files.isDirectory(target)) {
      throw new IllegalArgumentException("expected a folder to write to, got the file " + target);
    }
    try (Stream<Path> files = Files.list(target)) {
      files
          .findFirst()
          .ifPresent(file -> {
            throw new IllegalArgumentException(
                "expected a new or an empty folder to write to, got %s with %s in it; choose another"
                    .formatted(target, file.getFileName()));
          });
    } catch (IOException e) {
      throw IoFailures.reading(target, e);
    }
  }

  private static String partialName(Path target) {
    long random = ThreadLocalRandom.current().nextLong();
    return ".%s.%d.%s%s"
        .formatted(
            target.getFileName(),
            ProcessHandle.current().pid(),
            Long.toHexString(random),
            AtomicFile.PARTIAL);
  }

  /** Removes a folder with all that is in it, if it is there. */
  public static void delete(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> walk = Files.walk(folder)) {
      List<Path> deepestFirst = walk.sorted(Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw IoFailures.removing(folder, e);
    }
  }

  /**
   * Removes what killed writers of files and folders left in a folder. None may be at work there.
   *
   * @param depth of folders to look into, 1 being this one alone
   */
  public static void removePartials(Path folder, int depth) {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (Stream<Path> walk = Files.walk(folder, depth)) {
      List<Path> partials =
          walk.filter(path -> !path.equals(folder) && isPartial(path.getFileName().toString()))
              .toList();
      partials.forEach(AtomicFolder::delete);
    } catch (IOException e) {
      throw IoFailures.reading(folder, e);
    }
  }

  private static boolean isPartial(String name) {
    return name.startsWith(".") && name.endsWith(AtomicFile.PARTIAL);
  }

  /** Makes durable that the folder is there. */
  private static void syncAbove(Path folder) throws IOException {
    Path above = folder.getParent();
    if (above != null) {
      AtomicFile.syncDirectory(above);
    }
  }

  private static void deleteAfter(Throwable failure, Path folder) {
    try {
      delete(folder);
    } catch (UncheckedIOException e) {
      failure.addSuppressed(e);
    }
  }
}
