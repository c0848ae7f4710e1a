package dev.loupe.cli;

import dev.loupe.dictionary.Screening;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Torch;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that mean the same in every command that computes. */
@Heading("Machine")
final class ComputeOptions {
  private static final String AUTO = "auto";

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "cpu",
      description = "cpu, cuda or cuda:N (default: ${DEFAULT-VALUE})")
  private String device = "cpu";

  @Option(
      names = "--lm-dtype",
      paramLabel = "TYPE",
      defaultValue = AUTO,
      description =
          "what the language model computes in: float32, bfloat16 or auto, which is bfloat16 for"
              + " training on a machine that computes it quickly and float32 for everything else"
              + " (default: ${DEFAULT-VALUE})")
  private String lmDtype = AUTO;

  @Option(
      names = "--tf32",
      description =
          "multiply float32 in TensorFloat-32 on a CUDA device, with 10 bits of mantissa instead of"
              + " 23; suite.json records it")
  private boolean tf32;

  @Option(
      names = "--screening",
      paramLabel = "TYPE",
      description =
          "in what a product with all features looks for those that may fire; their values are"
              + " computed in float32 either way: bfloat16 or float32 (default: bfloat16 where the"
              + " processor multiplies it)")
  private @Nullable Screening screening;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "threads that compute (default: one a core)")
  private @Nullable Integer threads;

  @Option(names = "--debug", description = "show stack traces and debug logs")
  private boolean debug;

  /** Loads the native library and sets its threads: the first act of a command that computes. */
  void start() {
    start(Runtime.getRuntime().availableProcessors(), device());
  }

  /**
   * The same for a device that was given by another.
   *
   * @param usualThreads where none are asked for
   */
  void start(int usualThreads, Device used) {
    if (debug) {
      System.setProperty("loupe.log", "DEBUG");
    }
    Torch.start(threads().orElse(usualThreads));
    if (screening != null) {
      Screening.use(screening);
    }
    if (!used.isCpu() && !Torch.hasCuda()) {
      throw new IllegalArgumentException(
          "expected a CUDA device for --device "
              + used
              + ", got none; the library here is built for the CPU");
    }
    if (tf32) {
      if (used.isCpu()) {
        throw new IllegalArgumentException("expected --tf32 with --device cuda, got " + used);
      }
      Torch.useTf32();
    }
  }

  /** Makes {@code cuda} the device of this number: of this process among those on the machine. */
  void useDevice(int localRank) {
    if (device.equals("cuda")) {
      device = "cuda:" + localRank;
    }
  }

  OptionalInt threads() {
    return threads == null ? OptionalInt.empty() : OptionalInt.of(threads);
  }

  Device device() {
    return Device.parse(device);
  }

  /** Type of the language model where what it computes is shown or measured. */
  DType lmDtype() {
    return lmDtype.equals(AUTO) ? DType.F32 : parsed();
  }

  /** Type of the language model where it makes activations for training. */
  DType trainingLmDtype() {
    if (lmDtype.equals(AUTO)) {
      return Torch.hasFastBfloat16(device()) ? DType.BF16 : DType.F32;
    }
    return parsed();
  }

  private DType parsed() {
    return switch (lmDtype) {
      case "float32" -> DType.F32;
      case "bfloat16" -> DType.BF16;
      default ->
          throw new IllegalArgumentException(
              "expected --lm-dtype float32, bfloat16 or auto, got '" + lmDtype + "'");
    };
  }
}
