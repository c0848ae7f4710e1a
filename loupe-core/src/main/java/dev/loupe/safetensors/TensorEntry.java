package dev.loupe.safetensors;

import dev.loupe.tensor.DType;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;

/**
 * Where a tensor is stored: {@code bytes} bytes from byte {@code offset} of a file, elements row by
 * row, little-endian. An empty shape is a scalar.
 *
 * @param offset from the start of the file
 */
@SuppressWarnings("ArrayRecordComponent") // copied on the way in and out, compared by content
public record TensorEntry(
    String name, DType dtype, long[] shape, Path file, long offset, long bytes) {
  public TensorEntry {
    shape = shape.clone();
    if (offset < 0 || bytes < 0) {
      throw new IllegalArgumentException(
          "expected an offset and a size of at least 0, got " + offset + " and " + bytes);
    }
  }

  @Override
  public long[] shape() {
    return shape.clone();
  }

  /** Type and shape, as messages show them: {@code F32 [96, 512]}. */
  public String describe() {
    return dtype + " " + Arrays.toString(shape);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TensorEntry that
        && name.equals(that.name)
        && dtype == that.dtype
        && Arrays.equals(shape, that.shape)
        && file.equals(that.file)
        && offset == that.offset
        && bytes == that.bytes;
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, dtype, Arrays.hashCode(shape), file, offset, bytes);
  }

  @Override
  public String toString() {
    return name + " " + describe() + " at byte " + offset + " of " + file;
  }
}
