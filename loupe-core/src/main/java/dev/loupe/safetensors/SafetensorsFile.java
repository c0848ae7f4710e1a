package dev.loupe.safetensors;

import dev.loupe.files.FileFormatException;
import dev.loupe.files.IoFailures;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.SortedMap;

/** One safetensors file, memory-mapped, its header checked before anything of it is used. */
public final class SafetensorsFile implements TensorSource {
  private final Path path;
  private final Arena arena;
  private final MemorySegment file;
  private final Header header;

  private SafetensorsFile(Path path, Arena arena, MemorySegment file, Header header) {
    this.path = path;
    this.arena = arena;
    this.file = file;
    this.header = header;
  }

  /**
   * Maps a file and reads its header; the caller closes it.
   *
   * @throws FileFormatException if it is no safetensors file or a damaged one, with the byte where
   * @throws java.io.UncheckedIOException if it cannot be read
   */
  @SuppressWarnings("MustBeClosedChecker") // owned by the result, closed here if there is none
  public static SafetensorsFile open(Path path) {
    Arena arena = Arena.ofShared(); // several threads may read; kernels get copies, never a view
    try {
      MemorySegment file = map(path, arena);
      return new SafetensorsFile(path, arena, file, HeaderReader.read(path, file));
    } catch (Throwable e) {
      arena.close();
      throw e;
    }
  }

  private static MemorySegment map(Path path, Arena arena) {
    try {
      if (!Files.exists(path)) {
        throw new NoSuchFileException(path.toString());
      }
      if (!Files.isRegularFile(path)) {
        throw new FileFormatException(path, "expected a safetensors file, got no regular file");
      }
      try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
        return channel.map(MapMode.READ_ONLY, 0, channel.size(), arena).asReadOnly();
      }
    } catch (IOException e) {
      throw IoFailures.reading(path, e);
    }
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public SortedMap<String, TensorEntry> entries() {
    requireOpen();
    return header.entries();
  }

  @Override
  public Map<String, String> metadata() {
    requireOpen();
    return header.metadata();
  }

  @Override
  public MemorySegment view(String name) {
    TensorEntry entry = entry(name);
    return file.asSlice(entry.offset(), entry.bytes());
  }

  @Override
  public synchronized void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }

  private void requireOpen() {
    if (!arena.scope().isAlive()) {
      throw new IllegalStateException("safetensors file " + path + " is closed");
    }
  }
}
