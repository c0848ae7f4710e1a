package dev.loupe.model;

import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.SeededRandom;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;

/** The models of golden/, and what tests ask of any model. */
final class TinyModels {
  static final Path GOLDEN = Path.of("src/test/resources/golden");

  private TinyModels() {}

  static Llama load(String name, DType dtype) {
    return Llama.load(GOLDEN.resolve(name), dtype, Device.CPU);
  }

  /** The begin id 0, then other ids. */
  static int[] ids(Llama model, int length, long seed) {
    SeededRandom random = new SeededRandom(seed, "ids");
    int others = model.config().vocabularySize() - 2;
    return IntStream.range(0, length).map(i -> i == 0 ? 0 : 2 + random.below(i, others)).toArray();
  }

  /** One context, [1, positions]. */
  static Tensor tensor(int... ids) {
    return Tensors.of(Arrays.stream(ids).asLongStream().toArray(), 1, ids.length);
  }

  static double largestDifference(Tensor a, Tensor b) {
    try (TensorScope _ = TensorScope.open()) {
      return Reductions.max(Arithmetic.absolute(Arithmetic.subtract(a, b)));
    }
  }
}
