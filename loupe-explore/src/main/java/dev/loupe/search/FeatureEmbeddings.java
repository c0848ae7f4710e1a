package dev.loupe.search;

import dev.loupe.files.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Embeddings of all features of a dictionary in whole numbers from -127 to 127: direction times 127
 * over its largest element; zeros for features without words. In a file of 384 bytes a feature
 * behind a head (magic, key, count), mapped, or in memory. It can be made again at any time. Owns
 * its mapping until closed.
 */
final class FeatureEmbeddings implements AutoCloseable {
  private static final int ROW = TextEmbedding.DIMENSIONS;
  private static final int BLOCK = 1_024; // rows that are copied at once
  private static final int KEY_BYTES = 64;
  private static final byte[] MAGIC = "LOUPEEMB".getBytes(StandardCharsets.US_ASCII);
  private static final int HEAD = MAGIC.length + KEY_BYTES + Integer.BYTES;

  private final Arena arena;
  private final MemorySegment rows; // [features, ROW]

  private FeatureEmbeddings(Arena arena, MemorySegment rows) {
    this.arena = arena;
    this.rows = rows;
  }

  /** What takes the cosine of each feature that has words. */
  @FunctionalInterface
  interface Similarities {
    void accept(int feature, double cosine);
  }

  /** Rows that are in memory; the caller closes the result. */
  @SuppressWarnings("MustBeClosedChecker") // owned by the result
  static FeatureEmbeddings of(byte[] rows) {
    return new FeatureEmbeddings(Arena.ofShared(), MemorySegment.ofArray(rows));
  }

  /** Opens a file that holds what the key names; empty where there is none, or another. */
  @SuppressWarnings("MustBeClosedChecker") // owned by the result, closed here if there is none
  static Optional<FeatureEmbeddings> open(Path file, String key) {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      MemorySegment all = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      if (all.byteSize() >= HEAD) {
        long features = (all.byteSize() - HEAD) / ROW;
        byte[] head = head(key, features);
        boolean fits = all.byteSize() == HEAD + features * ROW;
        if (fits && MemorySegment.ofArray(head).mismatch(all.asSlice(0, HEAD)) < 0) {
          return Optional.of(new FeatureEmbeddings(arena, all.asSlice(HEAD)));
        }
      }
      arena.close();
      return Optional.empty();
    } catch (IOException e) {
      arena.close();
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  private static byte[] head(String key, long features) {
    byte[] name = key.getBytes(StandardCharsets.US_ASCII);
    if (name.length != KEY_BYTES) {
      throw new IllegalArgumentException(
          "expected a key of " + KEY_BYTES + " characters, got '" + key + "'");
    }
    return ByteBuffer.allocate(HEAD).put(MAGIC).put(name).putInt((int) features).array();
  }

  /** Writes a file whole or not at all. */
  static void write(Path file, String key, byte[] rows) {
    AtomicFile.writeScratch(
        file,
        out -> {
          out.write(head(key, rows.length / ROW));
          out.write(rows);
        });
  }

  /** Puts an embedding in its place among rows. */
  static void quantise(float[] embedding, byte[] rows, int feature) {
    float largest = 0;
    for (float each : embedding) {
      largest = Math.max(largest, Math.abs(each));
    }
    for (int i = 0; i < ROW; i++) {
      rows[feature * ROW + i] = (byte) Math.round(embedding[i] * 127 / largest);
    }
  }

  int features() {
    return Math.toIntExact(rows.byteSize() / ROW);
  }

  /** Gives the cosine of each feature's embedding with another of unit length. */
  void similarities(float[] query, Similarities similarities) {
    byte[] block = new byte[BLOCK * ROW];
    for (int first = 0; first < features(); first += BLOCK) {
      int count = Math.min(BLOCK, features() - first);
      MemorySegment.copy(rows, ValueLayout.JAVA_BYTE, (long) first * ROW, block, 0, count * ROW);
      for (int row = 0; row < count; row++) {
        double cosine = cosine(query, block, row * ROW);
        if (!Double.isNaN(cosine)) {
          similarities.accept(first + row, cosine);
        }
      }
    }
  }

  /** NaN for a row of zeros. */
  private static double cosine(float[] query, byte[] rows, int from) {
    float dot = 0;
    int square = 0;
    for (int i = 0; i < ROW; i++) {
      byte each = rows[from + i];
      dot += query[i] * each;
      square += each * each;
    }
    return square == 0 ? Double.NaN : dot / Math.sqrt(square);
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
