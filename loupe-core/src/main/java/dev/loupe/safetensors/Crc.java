package dev.loupe.safetensors;

import dev.loupe.files.AtomicFile;
import dev.loupe.files.FileFormatException;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * Files of tensors with a CRC-32C of each in their metadata, as {@code crc32c.NAME}: for working
 * files that may be damaged when a machine stops, and are then made again.
 */
public final class Crc {
  private static final long CHUNK_BYTES = 1 << 28; // a buffer ends at 2 GiB

  private Crc() {}

  /**
   * As {@link SafetensorsWriter#write}, with the sums, and without waiting for the disk; tensors
   * are gapless and on the CPU.
   */
  public static void write(
      Path path, SequencedMap<String, Tensor> tensors, Map<String, String> metadata) {
    try (TensorScope _ = TensorScope.open()) {
      Map<String, String> all = new TreeMap<>(metadata);
      tensors.forEach((name, tensor) -> all.put("crc32c." + name, of(tensor.segment())));
      AtomicFile.writeScratch(path, SafetensorsWriter.content(path, tensors, all));
    }
  }

  /**
   * Compares a tensor of a file with its sum.
   *
   * @throws FileFormatException if they differ
   */
  public static void check(TensorSource source, String name) {
    String expected = source.metadata().getOrDefault("crc32c." + name, "none");
    String got = of(source.view(name));
    if (!got.equals(expected)) {
      throw new FileFormatException(
          source.path(),
          "expected CRC-32C " + expected + " of " + name + ", got " + got,
          "it was damaged or changed after it was written");
    }
  }

  private static String of(MemorySegment data) {
    CRC32C crc = new CRC32C();
    for (long at = 0; at < data.byteSize(); at += CHUNK_BYTES) {
      long size = Math.min(CHUNK_BYTES, data.byteSize() - at);
      crc.update(data.asSlice(at, size).asByteBuffer());
    }
    return "%08x".formatted(crc.getValue());
  }
}
