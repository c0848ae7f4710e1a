package dev.loupe.activation;

import dev.loupe.files.FileFormatException;
import dev.loupe.model.Hook;
import dev.loupe.safetensors.Crc;
import dev.loupe.safetensors.SafetensorsFile;
import dev.loupe.safetensors.TensorSource;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * Activations of one batch at one hook as a safetensors file that any tool reads: the rows, named
 * by the hook, bfloat16 [tokens, width], and of each token {@code tokens.context}, {@code
 * tokens.position} and {@code tokens.id}, int32 [tokens]. The metadata holds a CRC-32C of each.
 */
final class CacheBlock {
  static final int FORMAT = 1;

  private static final int HEADER_BYTES = 2_048; // more than it takes

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
      Crc.write(path, tensors, metadata);
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
            Crc.check(source, name);
            if (source.view(name).mismatch(tensor.segment()) >= 0) {
              throw new FileFormatException(
                  path, "expected " + name + " of the corpus, got others");
            }
          });
      Crc.check(source, hook.toString());
      if (source.entry(hook.toString()).dtype() != ActivationCache.DTYPE) {
        throw new FileFormatException(
            path, "expected bfloat16, got " + source.entry(hook.toString()));
      }
      return scope.keep(source.read(hook.toString(), expected.tokens(), width));
    }
  }

  private static SequencedMap<String, Tensor> columns(Activations of) {
    SequencedMap<String, Tensor> columns = new LinkedHashMap<>();
    columns.put("tokens.context", Tensors.of(of.contexts(), of.tokens()));
    columns.put("tokens.position", Tensors.of(of.positions(), of.tokens()));
    columns.put("tokens.id", Tensors.of(of.ids(), of.tokens()));
    return columns;
  }
}
