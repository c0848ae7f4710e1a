package dev.loupe.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.pytorch.global.torch;

/** The libtorch of this process: its version, threads and devices. */
public final class Torch {
  static {
    // Tensors have owners: JavaCPP need neither watch for garbage nor count the memory of the
    // process, which it would take for its own. It reads these when its first class is loaded.
    System.getProperties().putIfAbsent("org.bytedeco.javacpp.nopointergc", "true");
    System.getProperties().putIfAbsent("org.bytedeco.javacpp.maxBytes", "0");
    System.getProperties().putIfAbsent("org.bytedeco.javacpp.maxPhysicalBytes", "0");
  }

  private static volatile int threads = 1;
  private static volatile boolean tf32;

  private Torch() {}

  /**
   * Loads the native library (about three seconds the first time) and says how many threads a
   * {@link Team} has. libtorch itself computes on the calling thread alone, everywhere. The first
   * call of a program that uses tensors.
   */
  public static void start(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("expected at least 1 thread, got " + threads);
    }
    Torch.threads = threads;
    useOneThread();
    OpenBlas.setThreads(1);
  }

  /** Members of a team. */
  public static int threads() {
    return threads;
  }

  /** Makes libtorch compute alone on this thread: OpenMP's count belongs to each thread. */
  static void useOneThread() {
    torch.set_num_threads(1);
  }

  /** Version of the binding and the library in it, such as {@code 2.10.0-1.5.13}. */
  public static String version() {
    String version = torch.class.getPackage().getImplementationVersion();
    return version == null ? "unknown" : version;
  }

  /** Multiplies float32 in TensorFloat-32 on CUDA devices from now on. */
  public static void useTf32() {
    torch.globalContext().setAllowTF32CuBLAS(true);
    tf32 = true;
  }

  /** What beside the machine's kind all numbers depend on: Java and libtorch. */
  public static SortedMap<String, String> versions() {
    SortedMap<String, String> versions = new TreeMap<>();
    versions.put("java", Runtime.version().toString());
    versions.put("libtorch", version());
    return versions;
  }

  /**
   * Kind of processor, as far as results depend on it: its architecture, model name, and the vector
   * instructions that kernels choose by; and whether devices multiply in TensorFloat-32.
   */
  public static String machine() {
    return processor() + (tf32 ? ", tf32" : "");
  }

  private static String processor() {
    String arch = System.getProperty("os.arch");
    Path info = Path.of("/proc/cpuinfo");
    if (!Files.isReadable(info)) {
      return arch;
    }
    try (Stream<String> lines = Files.lines(info)) {
      Map<String, String> fields = new HashMap<>();
      lines
          .map(line -> line.split("\\s*:\\s*", 2))
          .filter(field -> field.length == 2)
          .forEach(field -> fields.putIfAbsent(field[0], field[1]));
      List<String> flags = List.of(fields.getOrDefault("flags", "").split(" "));
      String kernels =
          Stream.of("avx2", "avx512f", "avx512_bf16", "amx_bf16", "amx_int8")
              .filter(flags::contains)
              .collect(Collectors.joining(" "));
      return (arch + ", " + fields.getOrDefault("model name", "unknown") + ", " + kernels).strip();
    } catch (IOException e) {
      return arch;
    }
  }

  /** Bytes of memory that can be had without swapping. */
  public static long freeMemoryBytes() {
    return kibibytes(Path.of("/proc/meminfo"), "MemAvailable:")
        .orElse(Runtime.getRuntime().maxMemory());
  }

  /** Most bytes of memory that this process has held so far; where unknown, the heap's limit. */
  public static long peakMemoryBytes() {
    return kibibytes(Path.of("/proc/self/status"), "VmHWM:")
        .orElse(Runtime.getRuntime().maxMemory());
  }

  /** A number that the kernel gives in kibibytes, in bytes. */
  private static OptionalLong kibibytes(Path file, String field) {
    if (!Files.isReadable(file)) {
      return OptionalLong.empty();
    }
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith(field))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
          .findFirst();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  /** Whether products in bfloat16 are faster than in float32 on a device. */
  public static boolean hasFastBfloat16(Device device) {
    String machine = machine();
    return !device.isCpu() || machine.contains("avx512_bf16") || machine.contains("amx_bf16");
  }

  public static boolean hasCuda() {
    return torch.cuda_is_available();
  }
}
