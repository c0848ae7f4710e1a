package dev.loupe.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** New tensors. All are owned as {@link Tensor} says. */
public final class Tensors {
  private Tensors() {}

  /** Uninitialised elements. */
  public static Tensor empty(DType dtype, Device device, long... shape) {
    return Native.tensor(
        () -> torch.empty(shape, Native.options(dtype, device), new MemoryFormatOptional()));
  }

  public static Tensor zeros(DType dtype, Device device, long... shape) {
    return Native.tensor(() -> torch.zeros(shape, Native.options(dtype, device)));
  }

  public static Tensor full(double value, DType dtype, Device device, long... shape) {
    return Native.tensor(() -> torch.full(shape, new Scalar(value), Native.options(dtype, device)));
  }

  /** 0, 1, ..., n - 1. */
  public static Tensor range(long n, DType dtype, Device device) {
    return Native.tensor(() -> torch.arange(new Scalar(n), Native.options(dtype, device)));
  }

  public static Tensor of(float[] values, long... shape) {
    return of(MemorySegment.ofArray(values), DType.F32, shape);
  }

  public static Tensor of(double[] values, long... shape) {
    return of(MemorySegment.ofArray(values), DType.F64, shape);
  }

  public static Tensor of(long[] values, long... shape) {
    return of(MemorySegment.ofArray(values), DType.I64, shape);
  }

  public static Tensor of(int[] values, long... shape) {
    return of(MemorySegment.ofArray(values), DType.I32, shape);
  }

  public static Tensor of(boolean[] values, long... shape) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (values[i] ? 1 : 0);
    }
    return of(MemorySegment.ofArray(bytes), DType.BOOL, shape);
  }

  /** A copy, on the CPU, of elements that lie row by row in a segment (little-endian). */
  public static Tensor of(MemorySegment values, DType dtype, long... shape) {
    Tensor tensor = empty(dtype, Device.CPU, shape);
    if (tensor.bytes() != values.byteSize()) {
      String got = tensor.describe();
      tensor.close();
      throw new IllegalArgumentException(
          "expected " + values.byteSize() + " bytes of elements, got a shape of " + got);
    }
    if (values.byteSize() > 0) {
      MemorySegment.copy(
          values,
          ValueLayout.JAVA_BYTE,
          0,
          tensor.segment(),
          ValueLayout.JAVA_BYTE,
          0,
          values.byteSize());
    }
    return tensor;
  }

  /** The tensors one after another along a dimension. */
  public static Tensor concat(List<Tensor> tensors, int dimension) {
    return Native.tensor(() -> {
      TensorVector vector = new TensorVector();
      tensors.forEach(tensor -> vector.push_back(tensor.handle()));
      return torch.cat(vector, dimension);
    });
  }
}
