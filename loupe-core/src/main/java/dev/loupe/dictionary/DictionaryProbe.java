package dev.loupe.dictionary;

import dev.loupe.safetensors.SafetensorsWriter;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * A few raw input rows with the codes and the reconstruction that a dictionary gave for them where
 * it was made ({@code probe.safetensors}): whoever loads it elsewhere can see that it computes the
 * same. Owns its tensors.
 *
 * @param input [rows, D in]
 * @param codes of the input
 * @param reconstruction [rows, D out]
 */
public record DictionaryProbe(Tensor input, Codes codes, Tensor reconstruction)
    implements AutoCloseable {
  /** Rows that a probe has. */
  public static final int ROWS = 64;

  /** Remembers what the dictionary gives for the rows, which are copied; the caller closes it. */
  public static DictionaryProbe of(Dictionary dictionary, Tensor rows) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor input = TensorScope.release(rows.copy());
      Codes codes = dictionary.encode(input);
      return new DictionaryProbe(input, codes, TensorScope.release(dictionary.decode(codes)));
    }
  }

  void write(Path file) {
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("input", input);
    tensors.put("codes.offsets", codes.offsets());
    tensors.put("codes.indices", codes.indices());
    tensors.put("codes.values", codes.values());
    tensors.put("reconstruction", reconstruction);
    SafetensorsWriter.write(file, tensors, Map.of());
  }

  @Override
  public void close() {
    input.close();
    codes.close();
    reconstruction.close();
  }
}
