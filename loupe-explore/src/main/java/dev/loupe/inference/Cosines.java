package dev.loupe.inference;

import dev.loupe.dictionary.FeatureName;
import dev.loupe.dictionary.Suite;
import dev.loupe.files.FileFormatException;
import dev.loupe.safetensors.SafetensorsFile;
import dev.loupe.safetensors.TensorEntry;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Cosines of features of any dictionaries of a suite, from the rows and columns of their files: no
 * tensor library is needed for a few vectors.
 *
 * @param decoder of decoder columns; empty where two widths differ
 * @param encoder of encoder rows; likewise
 */
public record Cosines(
    List<FeatureName> features,
    List<List<Optional<Double>>> decoder,
    List<List<Optional<Double>>> encoder) {
  private static final String FILE = "checkpoints/final.safetensors";
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort HALF =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Of some features with each other. */
  public static Cosines of(Suite suite, List<FeatureName> features) {
    List<float[]> decoders = new ArrayList<>();
    List<float[]> encoders = new ArrayList<>();
    for (FeatureName name : features) {
      Path path = suite.folder(name.dictionary()).resolve(FILE);
      try (SafetensorsFile file = SafetensorsFile.open(path)) {
        decoders.add(vector(file, "decoder.weight", name, 1));
        encoders.add(vector(file, "encoder.weight", name, 0));
      }
    }
    return new Cosines(features, matrix(decoders), matrix(encoders));
  }

  /**
   * The part of a matrix that is a feature's.
   *
   * @param dimension which of its two dimensions counts features
   */
  private static float[] vector(
      SafetensorsFile file, String tensor, FeatureName name, int dimension) {
    TensorEntry entry = file.entries().get(tensor);
    if (entry == null || entry.shape().length != 2) {
      throw new FileFormatException(file.path(), "expected a matrix " + tensor + ", got none");
    }
    long[] shape = entry.shape();
    if (name.feature() >= shape[dimension]) {
      throw new IllegalArgumentException(
          "expected a feature of %s from 0 to %d, got %d"
              .formatted(name.dictionary(), shape[dimension] - 1, name.feature()));
    }
    long start = dimension == 0 ? name.feature() * shape[1] : name.feature();
    long step = dimension == 0 ? 1 : shape[1];
    MemorySegment values = file.view(tensor);
    float[] vector = new float[Math.toIntExact(shape[1 - dimension])];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = value(values, entry, start + i * step);
    }
    return vector;
  }

  private static float value(MemorySegment values, TensorEntry entry, long index) {
    return switch (entry.dtype()) {
      case F32 -> values.get(FLOAT, index * Float.BYTES);
      case BF16 -> Float.intBitsToFloat(values.get(HALF, index * Short.BYTES) << 16);
      case F16 -> Float.float16ToFloat(values.get(HALF, index * Short.BYTES));
      case F64, I64, I32, I16, I8, U8, BOOL ->
          throw new FileFormatException(
              entry.file(), "expected weights of F32, BF16 or F16, got " + entry.describe());
    };
  }

  private static List<List<Optional<Double>>> matrix(List<float[]> vectors) {
    return vectors.stream().map(a -> vectors.stream().map(b -> cosine(a, b)).toList()).toList();
  }

  private static Optional<Double> cosine(float[] a, float[] b) {
    if (a.length != b.length) {
      return Optional.empty();
    }
    double dot = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      dot += (double) a[i] * b[i];
      aa += (double) a[i] * a[i];
      bb += (double) b[i] * b[i];
    }
    return aa > 0 && bb > 0 ? Optional.of(dot / Math.sqrt(aa * bb)) : Optional.empty();
  }
}
