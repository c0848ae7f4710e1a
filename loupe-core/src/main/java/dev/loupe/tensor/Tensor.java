package dev.loupe.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.pytorch.MemoryFormatOptional;

/**
 * An n-dimensional array in native memory, on the CPU or on a device.
 *
 * <p>This type is the handle: shape, type, views, data and lifetime. Operations are in families:
 * {@link Arithmetic}, {@link Reductions}, {@link Products}, {@link Indexing}; new tensors come from
 * {@link Tensors}. Views ({@link #narrow}, {@link #reshape}, ...) are tensors of their own that
 * share the data, which lives as long as one of them does.
 *
 * <p>Ownership: closed by the innermost {@link TensorScope} of the thread that made it, else by the
 * caller. Not thread-safe; a tensor may be used by another thread than its maker, one at a time.
 * Use after close throws {@link IllegalStateException}.
 */
public final class Tensor implements AutoCloseable {
  private static final AtomicLong OPEN = new AtomicLong();

  private final org.bytedeco.pytorch.Tensor handle;
  private final DType dtype;
  private final long[] shape;
  private boolean closed;

  Tensor(org.bytedeco.pytorch.Tensor handle) {
    this.handle = handle;
    this.dtype = Native.dtype(handle.scalar_type());
    this.shape = new long[(int) handle.dim()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = handle.size(i);
    }
    OPEN.incrementAndGet();
    TensorScope.register(this);
  }

  /** Number of tensors that are not closed, in the whole process: what a leak check compares. */
  public static long openCount() {
    return OPEN.get();
  }

  org.bytedeco.pytorch.Tensor handle() {
    if (closed) {
      throw new IllegalStateException("tensor " + describe() + " is closed");
    }
    return handle;
  }

  public DType dtype() {
    return dtype;
  }

  public long[] shape() {
    return shape.clone();
  }

  public int rank() {
    return shape.length;
  }

  /** Length of a dimension; negative ones count from the end. */
  public long size(int dimension) {
    return shape[dimension < 0 ? dimension + shape.length : dimension];
  }

  public long elements() {
    return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
  }

  public long bytes() {
    return elements() * dtype.bytes();
  }

  public Device device() {
    return Native.value(
        () -> handle().is_cpu() ? Device.CPU : new Device(handle().device().index()));
  }

  /** {@code length} entries of a dimension from {@code start}, a view. */
  public Tensor narrow(int dimension, long start, long length) {
    return Native.tensor(() -> handle().narrow(dimension, start, length));
  }

  /** One entry of a dimension, a view of one dimension less. */
  public Tensor select(int dimension, long index) {
    return Native.tensor(() -> handle().select(dimension, index));
  }

  /** The same elements in another shape: a view where the layout allows, else a copy. */
  public Tensor reshape(long... newShape) {
    return Native.tensor(() -> handle().reshape(newShape));
  }

  /** Two dimensions swapped, a view. */
  public Tensor transpose(int first, int second) {
    return Native.tensor(() -> handle().transpose(first, second));
  }

  /** A view with a dimension of length one inserted. */
  public Tensor unsqueeze(int dimension) {
    return Native.tensor(() -> handle().unsqueeze(dimension));
  }

  /** A view in which dimensions of length one are repeated to the shape given; -1 leaves one. */
  public Tensor expand(long... newShape) {
    return Native.tensor(() -> handle().expand(newShape));
  }

  /** The elements row by row without gaps: this data if they are already, else a copy. */
  public Tensor contiguous() {
    return Native.tensor(() -> handle().contiguous());
  }

  /** The elements as another type: this data if it is the same, else a copy. */
  public Tensor to(DType other) {
    return Native.tensor(() -> handle().to(Native.scalarType(other)));
  }

  /**
   * The elements on another device: this data if it is the same, else a copy. To a GPU they go from
   * page-locked memory, which libtorch keeps until they are there, and the call does not wait: what
   * the device computes with them comes after them on its stream.
   */
  public Tensor to(Device device) {
    return Native.tensor(() ->
        handle().is_cpu() && !device.isCpu()
            ? handle()
                .pin_memory()
                .to(
                    Native.device(device),
                    Native.scalarType(dtype),
                    true,
                    false,
                    new MemoryFormatOptional())
            : handle().to(Native.device(device), Native.scalarType(dtype)));
  }

  /** Another handle on the same elements, with an owner of its own. */
  public Tensor share() {
    return Native.tensor(() -> handle());
  }

  /** A copy with data of its own. */
  public Tensor copy() {
    return Native.tensor(() -> handle().clone());
  }

  /** Overwrites the elements with those of a tensor that can be repeated to this shape. */
  public Tensor assign(Tensor source) {
    Native.run(() -> handle().copy_(source.handle()));
    return this;
  }

  /**
   * The elements in native memory, of global scope: valid while this tensor is open, which the
   * caller sees to. CPU and gapless only.
   */
  @SuppressWarnings("restricted")
  public MemorySegment segment() {
    return Native.value(() -> {
      if (!handle().is_cpu() || !handle().is_contiguous()) {
        throw new IllegalStateException(
            "expected a gapless CPU tensor to look into, got " + describe() + " on " + device());
      }
      if (elements() == 0) {
        return MemorySegment.NULL;
      }
      return MemorySegment.ofAddress(handle().data_ptr().address()).reinterpret(bytes());
    });
  }

  /** A copy of the elements as floats, row by row. */
  public float[] floats() {
    try (TensorScope _ = TensorScope.open()) {
      return to(Device.CPU).to(DType.F32).contiguous().segment().toArray(ValueLayout.JAVA_FLOAT);
    }
  }

  /** A copy of the elements as doubles, row by row. */
  public double[] doubles() {
    try (TensorScope _ = TensorScope.open()) {
      return to(Device.CPU).to(DType.F64).contiguous().segment().toArray(ValueLayout.JAVA_DOUBLE);
    }
  }

  /** A copy of the elements as longs, row by row. */
  public long[] longs() {
    try (TensorScope _ = TensorScope.open()) {
      return to(Device.CPU).to(DType.I64).contiguous().segment().toArray(ValueLayout.JAVA_LONG);
    }
  }

  /** A copy of the elements as ints, row by row. */
  public int[] ints() {
    try (TensorScope _ = TensorScope.open()) {
      return to(Device.CPU).to(DType.I32).contiguous().segment().toArray(ValueLayout.JAVA_INT);
    }
  }

  /** The value of a tensor of one element. */
  public double item() {
    if (elements() != 1) {
      throw new IllegalStateException("expected a tensor of one element, got " + describe());
    }
    return Native.value(() -> handle().item_double());
  }

  /** Type and shape, as messages show them: {@code F32 [96, 512]}. */
  public String describe() {
    return dtype + " " + Arrays.toString(shape);
  }

  @Override
  public String toString() {
    return "Tensor " + describe() + (closed ? " (closed)" : "");
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      OPEN.decrementAndGet();
      handle.releaseReference();
    }
  }
}
