package dev.loupe.dictionary;

import dev.loupe.files.FileFormatException;
import dev.loupe.safetensors.SafetensorsFile;
import dev.loupe.safetensors.SafetensorsWriter;
import dev.loupe.safetensors.TensorSource;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.Reductions;
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

  /** Float32 sums in another order differ by less; a wrong scale, gate or weight by much more. */
  private static final double TOLERANCE = 1e-3;

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

  /** Recomputes a probe, and fails with what differs. */
  static void check(Path file, Dictionary dictionary) {
    try (TensorScope _ = TensorScope.open();
        TensorSource source = SafetensorsFile.open(file)) {
      Tensor input = source.read("input");
      Tensor expected = source.read("reconstruction");
      try (Codes codes = dictionary.encode(input)) {
        compare(file, "features that fire", source.read("codes.indices").elements(), codes.active());
        Tensor found = dictionary.decode(codes);
        double error = distance(found, expected);
        if (!(error <= TOLERANCE)) {
          throw new FileFormatException(
              file,
              "expected the recorded reconstruction within %s of its norm, got a distance of %.3g; the weights or the contract were changed"
                  .formatted(TOLERANCE, error));
        }
      }
    }
  }

  /** ‖a − b‖ / ‖b‖. */
  private static double distance(Tensor a, Tensor b) {
    return Math.sqrt(
        Reductions.totalOfSquares(Arithmetic.subtract(a, b))
            / Math.max(Reductions.totalOfSquares(b), 1e-30));
  }

  private static void compare(Path file, String what, long expected, long got) {
    // a score within rounding of the gate may fall on the other side on another machine
    if (Math.abs(expected - got) > Math.max(1, expected / 1000)) {
      throw new FileFormatException(
          file,
          "expected %d %s on the probe's rows, got %d; the weights or the contract were changed"
              .formatted(expected, what, got));
    }
  }

  @Override
  public void close() {
    input.close();
    codes.close();
    reconstruction.close();
  }
}
