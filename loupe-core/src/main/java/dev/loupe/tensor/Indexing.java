package dev.loupe.tensor;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.global.torch;

/** Choosing and placing elements. Indices are I64 unless said otherwise. */
public final class Indexing {
  private Indexing() {}

  /** The rows (entries of the first dimension) that the list names. */
  public static Tensor rows(Tensor a, Tensor indices) {
    return Native.tensor(() -> torch.index_select(a.handle(), 0, indices.handle()));
  }

  /** Writes rows to the places of the first dimension that the list names. */
  public static Tensor assignRowsInPlace(Tensor a, Tensor indices, Tensor rows) {
    Native.run(() -> a.handle().index_copy_(0, indices.handle(), rows.handle()));
    return a;
  }

  /** Adds rows to the places of the first dimension that the list names. */
  public static Tensor addRowsInPlace(Tensor a, Tensor indices, Tensor rows) {
    Native.run(() -> a.handle().index_add_(0, indices.handle(), rows.handle()));
    return a;
  }

  /** The entries of a dimension moved on by so many places, the last ones to the front: a copy. */
  public static Tensor roll(Tensor a, long places, int dimension) {
    return Native.tensor(() -> torch.roll(a.handle(), new long[] {places}, new long[] {dimension}));
  }

  /** out[i, j] = a[i, indices[i, j]]. */
  public static Tensor gather(Tensor a, Tensor indices) {
    return Native.tensor(() -> torch.gather(a.handle(), -1, indices.handle()));
  }

  /** a[i, indices[i, j]] = values[i, j]. */
  public static Tensor scatterInPlace(Tensor a, Tensor indices, Tensor values) {
    Native.run(() -> a.handle().scatter_(-1, indices.handle(), values.handle()));
    return a;
  }

  /** Places of the true elements, row by row: [found, rank]. */
  public static Tensor nonZero(Tensor condition) {
    return Native.tensor(() -> torch.nonzero(condition.handle()));
  }

  /** The elements where the condition holds, in one dimension. */
  public static Tensor select(Tensor a, Tensor condition) {
    return Native.tensor(() -> torch.masked_select(a.handle(), condition.handle()));
  }

  /** Order of the elements of a one-dimensional tensor, equal ones in their old order. */
  public static Tensor order(Tensor a) {
    return Native.tensor(() -> torch.argsort(a.handle(), true, 0, false));
  }

  /** Sums up to and including each element of a one-dimensional tensor, I64 for integers. */
  public static Tensor cumulativeSum(Tensor a) {
    return Native.tensor(() -> torch.cumsum(a.handle(), 0));
  }

  /** How often each number 0 .. n-1 occurs, I64 [n]. */
  public static Tensor counts(Tensor numbers, long n) {
    return Native.tensor(
        () -> torch.bincount(numbers.handle(), new org.bytedeco.pytorch.TensorOptional(), n));
  }

  /** Sets the elements where the condition holds. */
  public static Tensor fillInPlace(Tensor a, Tensor condition, double value) {
    Native.run(() -> a.handle().masked_fill_(condition.handle(), new Scalar(value)));
    return a;
  }

  /** Sets all elements. */
  public static Tensor fillInPlace(Tensor a, double value) {
    Native.run(() -> a.handle().fill_(new Scalar(value)));
    return a;
  }

  /** Rows of a table by number: [.., d]; numbers I64 of any shape. */
  public static Tensor embedding(Tensor table, Tensor numbers) {
    return Native.tensor(() -> torch.embedding(table.handle(), numbers.handle()));
  }
}
