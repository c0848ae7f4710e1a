package dev.loupe.tensor;

import java.util.Locale;

/** The element types of tensors and of safetensors files, named as safetensors does. */
public enum DType {
  F64(8),
  F32(4),
  F16(2),
  BF16(2),
  I64(8),
  I32(4),
  I16(2),
  I8(1),
  U8(1),
  BOOL(1);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Size of one element. */
  public int bytes() {
    return bytes;
  }

  public boolean isFloating() {
    return this == F64 || this == F32 || this == F16 || this == BF16;
  }

  /**
   * Reads a name from a command line or a configuration: {@code float32}, {@code bfloat16}, {@code
   * float16}, {@code float64}, with or without {@code torch.}, or a safetensors name.
   */
  public static DType parse(String name) {
    return switch (name.toLowerCase(Locale.ROOT).replace("torch.", "")) {
      case "float64", "double", "f64" -> F64;
      case "float32", "float", "f32" -> F32;
      case "float16", "half", "f16" -> F16;
      case "bfloat16", "bf16" -> BF16;
      default ->
          throw new IllegalArgumentException(
              "expected a dtype of float32, bfloat16, float16 or float64, got '" + name + "'");
    };
  }

  /**
   * The name that PyTorch and Hugging Face configurations use: {@code float32}, {@code bfloat16}.
   */
  public String torchName() {
    return switch (this) {
      case F64 -> "float64";
      case F32 -> "float32";
      case F16 -> "float16";
      case BF16 -> "bfloat16";
      case I64 -> "int64";
      case I32 -> "int32";
      case I16 -> "int16";
      case I8 -> "int8";
      case U8 -> "uint8";
      case BOOL -> "bool";
    };
  }
}
