package dev.loupe.probing;

import dev.loupe.files.IoFailures;
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
 * The rows of a table in a temporary file (in the folder {@code java.io.tmpdir}), added in any
 * order, so that the memory of a pass does not follow the number of tables. The file goes with
 * {@link #close}, and on Unix also when the process is killed. One thread at a time.
 *
 * <p>A row is its number, how many columns it has, these, and their values; a dense row has no list
 * of columns.
 */
final class RowFile implements AutoCloseable {
  private final Path file;
  private final FileChannel channel;
  private final int width;

  private RowFile(Path file, FileChannel channel, int width) {
    this.file = file;
    this.channel = channel;
    this.width = width;
  }

  /**
   * An empty file; the caller closes it.
   *
   * @param width columns of the table
   */
  static RowFile create(int width) {
    Path folder = Path.of(System.getProperty("java.io.tmpdir"));
    try {
      Path file = Files.createTempFile(folder, "loupe-rows", ".bin");
      FileChannel channel =
          FileChannel.open(
              file,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE);
      return new RowFile(file, channel, width);
    } catch (IOException e) {
      throw IoFailures.writing(folder, e);
    }
  }

  void add(int row, float[] values) {
    add(row, new int[0], values);
  }

  /**
   * Adds a row.
   *
   * @param columns ascending
   */
  void add(int row, int[] columns, float[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Integer.BYTES * (2 + columns.length + values.length))
            .order(ByteOrder.nativeOrder())
            .putInt(row)
            .putInt(columns.length);
    for (int column : columns) {
      bytes.putInt(column);
    }
    for (float value : values) {
      bytes.putFloat(value);
    }
    bytes.flip();
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw IoFailures.writing(file, e);
    }
  }

  /** The table of rows that all were added with their columns. */
  SparseTable sparse(int rows) {
    int[][] columns = new int[rows][];
    float[][] values = new float[rows][];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = map(arena);
      long at = 0;
      for (int i = 0; i < rows; i++) {
        int row = bytes.get(ValueLayout.JAVA_INT, at);
        int count = bytes.get(ValueLayout.JAVA_INT, at + Integer.BYTES);
        at += 2 * Integer.BYTES;
        columns[row] =
            bytes.asSlice(at, (long) Integer.BYTES * count).toArray(ValueLayout.JAVA_INT);
        at += (long) Integer.BYTES * count;
        values[row] = bytes.asSlice(at, (long) Float.BYTES * count).toArray(ValueLayout.JAVA_FLOAT);
        at += (long) Float.BYTES * count;
      }
    }
    return new SparseTable(columns, values, width);
  }

  /** The table of rows that all were added without. */
  DenseTable dense(int rows) {
    float[] values = new float[Math.multiplyExact(rows, width)];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = map(arena);
      long bytesOfRow = 2 * Integer.BYTES + (long) Float.BYTES * width;
      for (int i = 0; i < rows; i++) {
        int row = bytes.get(ValueLayout.JAVA_INT, i * bytesOfRow);
        MemorySegment.copy(
            bytes,
            ValueLayout.JAVA_FLOAT,
            i * bytesOfRow + 2 * Integer.BYTES,
            values,
            row * width,
            width);
      }
    }
    return new DenseTable(values, width);
  }

  private MemorySegment map(Arena arena) {
    try {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
    } catch (IOException e) {
      throw IoFailures.reading(file, e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw IoFailures.removing(file, e);
    }
  }
}
