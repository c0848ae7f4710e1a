package dev.loupe.text;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Token ids in a temporary file (4 bytes each, in the folder {@code java.io.tmpdir}), first written
 * in a row, then mapped and read anywhere, so that memory does not follow their number. The file
 * goes with {@link #close}, and on Unix also when the process is killed.
 */
final class TokenStore implements AutoCloseable {
  private final Path file;
  private final FileChannel channel;
  private final Arena arena = Arena.ofShared();
  private final ByteBuffer pending =
      ByteBuffer.allocateDirect(1 << 20).order(ByteOrder.nativeOrder());
  private MemorySegment ids = MemorySegment.NULL;
  private long size;

  private TokenStore(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /** An empty store; the caller closes it. */
  static TokenStore create() {
    try {
      Path file = Files.createTempFile("loupe-tokens", ".ids");
      return new TokenStore(
          file,
          FileChannel.open(
              file,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE));
    } catch (IOException e) {
      throw new CorpusException(
          "cannot create a temporary file for token ids: %s; set java.io.tmpdir".formatted(e), e);
    }
  }

  /** Adds the first {@code count} ids; returns the offset of the first. */
  long append(int[] values, int count) {
    for (int i = 0; i < count; i++) {
      if (!pending.hasRemaining()) {
        flush();
      }
      pending.putInt(values[i]);
    }
    size += count;
    return size - count;
  }

  /** Ends the writing; from here on ids can be read, by any thread. */
  void map() {
    flush();
    try {
      ids = channel.map(FileChannel.MapMode.READ_ONLY, 0, size * Integer.BYTES, arena);
    } catch (IOException e) {
      throw new CorpusException("cannot map the token ids in %s: %s".formatted(file, e), e);
    }
  }

  int get(long offset) {
    return ids.getAtIndex(ValueLayout.JAVA_INT, offset);
  }

  /** Copies {@code count} ids from {@code offset} on to {@code target} from {@code at} on. */
  void read(long offset, int[] target, int at, int count) {
    MemorySegment.copy(ids, ValueLayout.JAVA_INT, offset * Integer.BYTES, target, at, count);
  }

  @Override
  public void close() {
    if (!arena.scope().isAlive()) {
      return;
    }
    arena.close();
    try {
      channel.close();
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new CorpusException("cannot delete the temporary file %s: %s".formatted(file, e), e);
    }
  }

  private void flush() {
    try {
      pending.flip();
      while (pending.hasRemaining()) {
        channel.write(pending);
      }
      pending.clear();
    } catch (IOException e) {
      throw new CorpusException(
          "cannot write token ids to %s: %s; is the disk full?".formatted(file, e), e);
    }
  }
}
