package dev.loupe.tensor;

import org.bytedeco.pytorch.global.torch;

/** The libtorch of this process: its version, threads and devices. */
public final class Torch {
  private Torch() {}

  /** Loads the native library (about three seconds the first time) and sets its thread team. */
  public static void start(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("expected at least 1 thread, got " + threads);
    }
    torch.set_num_threads(threads);
  }

  public static int threads() {
    return torch.get_num_threads();
  }

  /** Version of the binding and the library in it, such as {@code 2.10.0-1.5.13}. */
  public static String version() {
    String version = torch.class.getPackage().getImplementationVersion();
    return version == null ? "unknown" : version;
  }

  public static boolean hasCuda() {
    return torch.cuda_is_available();
  }
}
