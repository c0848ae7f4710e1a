package dev.loupe.dictionary;

import dev.loupe.kernel.CodeRows;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Indexing;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.util.Arrays;
import java.util.List;

/**
 * The sparse activations of n tokens as compressed rows: token t has the features {@code
 * indices[offsets[t] .. offsets[t + 1])}, ascending, with their values, all above zero. The only
 * form in which feature activations travel. Owns its tensors.
 *
 * @param offsets I32 [n + 1]
 * @param indices I32 [active]
 * @param values F32 [active]
 * @param features F
 */
public record Codes(Tensor offsets, Tensor indices, Tensor values, long features)
    implements AutoCloseable {

  /** Number of tokens. */
  public long tokens() {
    return offsets.elements() - 1;
  }

  /** Number of activations of all tokens together. */
  public long active() {
    return indices.elements();
  }

  /**
   * From activations in any order.
   *
   * @param keys I64 [active], token · features + feature
   * @param values F32 [active], all above zero
   */
  static Codes of(Tensor keys, Tensor values, long tokens, long features) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor order = Indexing.order(keys);
      Tensor sorted = Indexing.rows(keys, order);
      Tensor token = Arithmetic.floorDivide(sorted, features);
      Tensor ends = Indexing.cumulativeSum(Indexing.counts(token, tokens));
      Tensor zero = Tensors.zeros(DType.I64, keys.device(), 1);
      Tensor feature = Arithmetic.addInPlace(sorted, token, -features);
      return new Codes(
          TensorScope.release(Tensors.concat(List.of(zero, ends), 0).to(DType.I32)),
          TensorScope.release(feature.to(DType.I32)),
          TensorScope.release(Indexing.rows(values, order)),
          features);
    }
  }

  /** Copies of codes in the heap. */
  static Codes of(CodeRows rows, long features) {
    int active = rows.active();
    try (TensorScope _ = TensorScope.open()) {
      return new Codes(
          TensorScope.release(Tensors.of(rows.starts(), rows.starts().length)),
          TensorScope.release(Tensors.of(Arrays.copyOf(rows.features(), active), active)),
          TensorScope.release(Tensors.of(Arrays.copyOf(rows.values(), active), active)),
          features);
    }
  }

  /** Copies in the heap, as kernels take them. */
  public CodeRows rows() {
    return new CodeRows(offsets.ints(), indices.ints(), values.floats());
  }

  /** The same codes on a device; the caller owns them. */
  public Codes to(Device device) {
    return new Codes(
        TensorScope.release(offsets.to(device)),
        TensorScope.release(indices.to(device)),
        TensorScope.release(values.to(device)),
        features);
  }

  /** As a matrix [n, F] that is mostly zeros: for small checks only. The caller owns it. */
  public Tensor dense() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor matrix = Tensors.zeros(DType.F32, values.device(), tokens() * features);
      int[] starts = offsets.ints();
      int[] feature = indices.ints();
      long[] places = new long[feature.length];
      for (int token = 0; token < starts.length - 1; token++) {
        for (int i = starts[token]; i < starts[token + 1]; i++) {
          places[i] = token * features + feature[i];
        }
      }
      Tensor index = Tensors.of(places, places.length).to(values.device());
      Indexing.assignRowsInPlace(matrix, index, values);
      return scope.keep(matrix.reshape(tokens(), features));
    }
  }

  @Override
  public void close() {
    offsets.close();
    indices.close();
    values.close();
  }
}
