package dev.loupe.evaluate;

import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Indexing;
import dev.loupe.tensor.Products;
import dev.loupe.tensor.SeededRandom;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How often each document stands in each bootstrap resample: as many documents drawn with
 * replacement as there are. Drawn once, used for every statistic. Owns 2 bytes a document and
 * sample.
 */
public final class Resamples implements AutoCloseable {
  /** Documents whose weights are float64 at a time. */
  private static final int BLOCK = 2_048;

  private final Tensor weights; // I16 [documents, 1 + samples], the first column all ones
  private final int documents;
  private final int columns;

  private Resamples(Tensor weights) {
    this.weights = weights;
    this.documents = Math.toIntExact(weights.size(0));
    this.columns = Math.toIntExact(weights.size(1));
  }

  /**
   * The caller closes them.
   *
   * @param purpose what is resampled; another purpose gives unrelated draws
   */
  public static Resamples draw(int documents, int samples, long seed, String purpose) {
    SeededRandom random = new SeededRandom(seed, "bootstrap " + purpose);
    int columns = 1 + samples;
    Tensor weights = TensorScope.release(Tensors.zeros(DType.I16, Device.CPU, documents, columns));
    MemorySegment counts = weights.segment();
    for (long document = 0; document < documents; document++) {
      counts.setAtIndex(ValueLayout.JAVA_SHORT, document * columns, (short) 1);
    }
    for (int sample = 1; sample < columns; sample++) {
      for (int i = 0; i < documents; i++) {
        long drawn = random.below((long) sample * documents + i, documents);
        long place = drawn * columns + sample;
        short count = counts.getAtIndex(ValueLayout.JAVA_SHORT, place);
        counts.setAtIndex(ValueLayout.JAVA_SHORT, place, (short) (count + 1));
      }
    }
    return new Resamples(weights);
  }

  public int documents() {
    return documents;
  }

  /** One more than the samples: the first column is every document once. */
  int columns() {
    return columns;
  }

  /** Weights of some documents, float64 [columns, documents given]; the caller's. */
  Tensor of(int[] some) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor rows = Indexing.rows(weights, Tensors.of(some, some.length));
      return scope.keep(rows.to(DType.F64).transpose(0, 1));
    }
  }

  /** Σ over documents, for each of several lists of sums by document: [documents]. */
  public List<Series> series(List<double[]> sums) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor total = Tensors.zeros(DType.F64, Device.CPU, columns, sums.size());
      for (int start = 0; start < documents; start += BLOCK) {
        int count = Math.min(BLOCK, documents - start);
        try (TensorScope _ = TensorScope.open()) {
          Tensor block = weights.narrow(0, start, count).to(DType.F64).transpose(0, 1);
          Products.addProductInPlace(total, block, matrix(sums, start, count));
        }
      }
      return IntStream.range(0, sums.size())
          .mapToObj(i -> new Series(total.select(1, i).doubles()))
          .toList();
    }
  }

  private static Tensor matrix(List<double[]> sums, int start, int count) {
    double[] values = new double[count * sums.size()];
    for (int row = 0; row < count; row++) {
      for (int column = 0; column < sums.size(); column++) {
        values[row * sums.size() + column] = sums.get(column)[start + row];
      }
    }
    return Tensors.of(values, count, sums.size());
  }

  @Override
  public void close() {
    weights.close();
  }
}
