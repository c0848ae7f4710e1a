package dev.loupe.tensor;

import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * The one door to libtorch. Every call runs in a JavaCPP scope of its own, so that the small native
 * objects it needs (options, scalars, lists) die with it and only the resulting tensors remain.
 */
final class Native {
  private Native() {}

  /** Runs an operation that makes one tensor; the caller owns it (or the innermost scope does). */
  static Tensor tensor(Supplier<org.bytedeco.pytorch.Tensor> operation) {
    try (PointerScope _ = new PointerScope()) {
      return owned(operation.get());
    } catch (RuntimeException e) {
      throw translated(e);
    }
  }

  /** Runs an operation that makes two tensors, such as values and indices. */
  static Pair pair(Supplier<T_TensorTensor_T> operation) {
    try (PointerScope _ = new PointerScope()) {
      T_TensorTensor_T result = operation.get();
      Tensor first = owned(result.get0());
      Pair pair = new Pair(first, owned(result.get1()));
      result.deallocate(); // no scope frees a tuple: 48 bytes a call, measured
      return pair;
    } catch (RuntimeException e) {
      throw translated(e);
    }
  }

  /** Runs an operation for its effect or for a plain value. */
  static <T> T value(Supplier<T> operation) {
    try (PointerScope _ = new PointerScope()) {
      return operation.get();
    } catch (RuntimeException e) {
      throw translated(e);
    }
  }

  static void run(Runnable operation) {
    value(() -> {
      operation.run();
      return true;
    });
  }

  static TensorOptions options(DType dtype, Device device) {
    return new TensorOptions()
        .dtype(new ScalarTypeOptional(scalarType(dtype)))
        .device(new DeviceOptional(device(device)));
  }

  static org.bytedeco.pytorch.Device device(Device device) {
    return new org.bytedeco.pytorch.Device(device.toString());
  }

  static torch.ScalarType scalarType(DType dtype) {
    return switch (dtype) {
      case F64 -> torch.ScalarType.Double;
      case F32 -> torch.ScalarType.Float;
      case F16 -> torch.ScalarType.Half;
      case BF16 -> torch.ScalarType.BFloat16;
      case I64 -> torch.ScalarType.Long;
      case I32 -> torch.ScalarType.Int;
      case I16 -> torch.ScalarType.Short;
      case I8 -> torch.ScalarType.Char;
      case U8 -> torch.ScalarType.Byte;
      case BOOL -> torch.ScalarType.Bool;
    };
  }

  static DType dtype(torch.ScalarType type) {
    for (DType dtype : DType.values()) {
      if (scalarType(dtype).value == type.value) {
        return dtype;
      }
    }
    throw new IllegalStateException("libtorch made a tensor of a type Loupe does not use: " + type);
  }

  private static Tensor owned(org.bytedeco.pytorch.Tensor handle) {
    // a result may be a borrowed reference inside a tuple: copy the (counted) handle, not the data
    org.bytedeco.pytorch.Tensor own = new org.bytedeco.pytorch.Tensor(handle);
    own.retainReference();
    return new Tensor(own);
  }

  /** libtorch appends its C++ stack to messages; people need the first line. */
  private static RuntimeException translated(RuntimeException e) {
    String message = String.valueOf(e.getMessage());
    if (message.contains("allocate memory") || message.contains("out of memory")) {
      return new OutOfNativeMemoryException(firstLine(message), e);
    }
    return message.contains("Exception raised from")
        ? new IllegalStateException("libtorch: " + firstLine(message), e)
        : e;
  }

  private static String firstLine(String message) {
    int end = message.indexOf("\nException raised from");
    return end < 0 ? message.lines().findFirst().orElse("") : message.substring(0, end);
  }

  /** Two owned tensors of one operation. */
  record Pair(Tensor first, Tensor second) {}
}
