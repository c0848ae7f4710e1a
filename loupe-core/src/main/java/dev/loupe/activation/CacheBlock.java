package dev.loupe.activation;

import dev.loupe.files.FileFormatException;
import dev.loupe.model.Hook;
import dev.loupe.safetensors.SafetensorsFile;
import dev.loupe.safetensors.SafetensorsWriter;
import dev.loupe.safetensors.TensorSource;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * Activations of one batch at one hook as a safetensors file that any tool reads: the rows, named
 * by the hook, bfloat16 [tokens, width], and of each token {@code tokens.context}, {@code
 * tokens.position} and {@code tokens.id}, int32 [tokens]. The metadata holds a CRC-32C of each.
 */
final class CacheBlock {
  static final int FORMAT = 1;

  private static final int HEADER_BYTES = 2_048; // more than it takes
  private static final long CHUNK_BYTES = 1 << 28; // a buffer ends at 2 GiB

  private CacheBlock() {}

  /** Size of a file at most. */
  static long bytes(int tokens, int width) {
    return HEADER_BYTES + (long) tokens * (width * ActivationCache.DTYPE.bytes() + 12);
  }

  static void write(Path path, Hook hook, int batch, Activations found) {
    try (TensorScope _ = TensorScope.open()) {
      SequencedMap<String, Tensor> tensors = columns(found);
      tensors.putFirst(hook.toString(), found.at(hook).contiguous());
      Map<String, String> metadata = new TreeMap<>();
      metadata.put("format", "loupe activations " + FORMAT);
      metadata.put("batch", Integer.toString(batch));
      tensors.forEach((name, tensor) -> metadata.put("crc32c." + name, crc(tensor.segment())));
      SafetensorsWriter.write(path, tensors, metadata);
    }
  }

  /**
   * The rows, owned by the innermost scope or the caller.
   *
   * @param expected of which tokens they must be
   * @throws FileFormatException if the block is damaged, or of other tokens
   */
  static Tensor read(Path path, Hook hook, int width, Activations expected) {
    try (TensorScope scope = TensorScope.open();
        TensorSource source = SafetensorsFile.open(path)) {
      columns(expected)
          .forEach((name, tensor) -> {
            check(source, name);
            if (source.view(name).mismatch(tensor.segment()) >= 0) {
              throw new FileFormatException(
                  path, "expected " + name + " of the corpus, got others");
            }
          });
      check(source, hook.toString());
      if (source.entry(hook.toString()).dtype() != ActivationCache.DTYPE) {
        throw new FileFormatException(
            path, "expected bfloat16, got " + source.entry(hook.toString()));
      }
      return scope.keep(source.read(hook.toString(), expected.tokens(), width));
    }
  }

  private static void check(TensorSource source, String name) {
    String expected = source.metadata().getOrDefault("crc32c." + name, "none");
    String got = crc(source.view(name));
    if (!got.equals(expected)) {
      throw new FileFormatException(
          source.path(),
          "expected CRC-32C " + expected + " of " + name + ", got " + got,
          "it was damaged or changed after it was written");
    }
  }

  private static SequencedMap<String, Tensor> columns(Activations of) {
    SequencedMap<String, Tensor> columns = new LinkedHashMap<>();
    columns.put("tokens.context", Tensors.of(of.contexts(), of.tokens()));
    columns.put("tokens.position", Tensors.of(of.positions(), of.tokens()));
    columns.put("tokens.id", Tensors.of(of.ids(), of.tokens()));
    return columns;
  }

  private static String crc(MemorySegment data) {
    CRC32C crc = new CRC32C();
    for (long at = 0; at < data.byteSize(); at += CHUNK_BYTES) {
      long size = Math.min(CHUNK_BYTES, data.byteSize() - at);
      crc.update(data.asSlice(at, size).asByteBuffer());
    }
    return "%08x".formatted(crc.getValue());
  }
}
