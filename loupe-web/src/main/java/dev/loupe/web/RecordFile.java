package dev.loupe.web;

import dev.loupe.files.AtomicFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Iterator;
import java.util.Optional;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/**
 * Numbered entries of bytes, compressed one by one, of which any is read at once: magic, key,
 * count; the entries; their count + 1 offsets. What it holds can be made again at any time.
 * Thread-safe. Owns its file until closed.
 */
final class RecordFile implements AutoCloseable {
  /** The key names what the entries were made from, and their form. */
  private static final int KEY_BYTES = 64;

  private static final byte[] MAGIC = "LOUPEREC".getBytes(StandardCharsets.US_ASCII);
  private static final int HEAD = MAGIC.length + KEY_BYTES + Integer.BYTES;

  private final FileChannel channel;
  private final long[] offsets;

  private RecordFile(FileChannel channel, long[] offsets) {
    this.channel = channel;
    this.offsets = offsets;
  }

  /** Opens a file that holds what the key names; empty where there is none, or another. */
  static Optional<RecordFile> open(Path file, String key) {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
      try {
        Optional<long[]> offsets = offsets(channel, key);
        if (offsets.isPresent()) {
          return Optional.of(new RecordFile(channel, offsets.get()));
        }
        channel.close();
        return Optional.empty();
      } catch (IOException e) {
        try (channel) {
          throw e;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  private static Optional<long[]> offsets(FileChannel channel, String key) throws IOException {
    if (channel.size() < HEAD) {
      return Optional.empty();
    }
    ByteBuffer head = read(channel, 0, HEAD);
    int count = head.getInt(HEAD - Integer.BYTES);
    long end = channel.size() - (count + 1L) * Long.BYTES; // of the entries
    if (count < 0 || end < HEAD || !head.equals(head(key, count))) {
      return Optional.empty();
    }
    long[] offsets = new long[count + 1];
    read(channel, end, offsets.length * Long.BYTES).asLongBuffer().get(offsets);
    boolean fits = offsets[0] == HEAD && offsets[count] == end;
    for (int i = 0; i < count; i++) {
      fits &= offsets[i] <= offsets[i + 1];
    }
    return fits ? Optional.of(offsets) : Optional.empty();
  }

  private static ByteBuffer head(String key, int count) {
    byte[] name = key.getBytes(StandardCharsets.US_ASCII);
    if (name.length != KEY_BYTES) {
      throw new IllegalArgumentException(
          "expected a key of " + KEY_BYTES + " characters, got '" + key + "'");
    }
    return ByteBuffer.allocate(HEAD).put(MAGIC).put(name).putInt(count).flip();
  }

  /** Writes a file whole or not at all. */
  static void write(Path file, String key, int count, Iterator<byte[]> entries) {
    AtomicFile.writeScratch(
        file,
        out -> {
          ByteBuffer tail = ByteBuffer.allocate(Math.toIntExact((count + 1L) * Long.BYTES));
          long end = HEAD;
          out.write(head(key, count).array());
          tail.putLong(end);
          for (int i = 0; i < count; i++) {
            byte[] entry = deflated(entries.next());
            out.write(entry);
            end += entry.length;
            tail.putLong(end);
          }
          out.write(tail.array());
        });
  }

  private static byte[] deflated(byte[] entry) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflater = new DeflaterOutputStream(out)) {
      deflater.write(entry);
    }
    return out.toByteArray();
  }

  /** Number of entries. */
  int count() {
    return offsets.length - 1;
  }

  /** An entry, by its number. */
  byte[] entry(int number) {
    try {
      int length = Math.toIntExact(offsets[number + 1] - offsets[number]);
      byte[] bytes = read(channel, offsets[number], length).array();
      try (InflaterInputStream in = new InflaterInputStream(new ByteArrayInputStream(bytes))) {
        return in.readAllBytes();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the record " + number, e);
    }
  }

  private static ByteBuffer read(FileChannel channel, long from, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, from + bytes.position()) < 0) {
        throw new IOException("the file ends at " + (from + bytes.position()));
      }
    }
    return bytes.flip();
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close a record file", e);
    }
  }
}
