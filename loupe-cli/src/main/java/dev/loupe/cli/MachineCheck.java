package dev.loupe.cli;

import dev.loupe.database.DuckDb;
import dev.loupe.files.Bytes;
import dev.loupe.kernel.Kernels;
import dev.loupe.model.ModelFolder;
import dev.loupe.tensor.Products;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import dev.loupe.tensor.Torch;
import dev.loupe.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/** Whether a machine can run Loupe. Each thing is tried, not looked up. */
final class MachineCheck {
  private static final long LEAST_MEMORY = 2L << 30;
  private static final long LEAST_DISK = 2L << 30;

  private final List<Finding> findings = new ArrayList<>();

  private MachineCheck() {}

  /**
   * A thing that was tried.
   *
   * @param here what there is, or how it failed
   * @param advice what to do where it does not pass
   */
  record Finding(String what, String here, boolean passes, String advice) {}

  /** Tries everything; disk where the folder is. Loads the native libraries. */
  static List<Finding> run(Path folder) {
    MachineCheck check = new MachineCheck();
    check.look(
        "Java",
        System.getProperty("java.version") + ", " + System.getProperty("java.vm.name"),
        Runtime.version().feature() >= 25,
        "needs 25 or later; LOUPE_JAVA_HOME names another JDK");
    check.look(
        "processor",
        "%s; %d threads".formatted(Torch.machine(), Runtime.getRuntime().availableProcessors()),
        true,
        "");
    int bits = Kernels.BEST.vectorBits();
    check.look(
        "vector kernels",
        bits == 0 ? "none: plain loops" : bits + " bits",
        bits > 0,
        "training is several times slower; start with ./loupe, which adds the vector module");
    check.attempt("libtorch", MachineCheck::torch);
    check.attempt("tokenizers", MachineCheck::tokenizer);
    check.attempt("DuckDB", DuckDb::version);
    check.look(
        "free memory",
        Bytes.text(Torch.freeMemoryBytes()),
        Torch.freeMemoryBytes() >= LEAST_MEMORY,
        "the demo needs %s; ./loupe plan says what a run needs"
            .formatted(Bytes.text(LEAST_MEMORY)));
    check.attempt("free disk", () -> Bytes.text(disk(folder)));
    return check.findings;
  }

  private void look(String what, String here, boolean passes, String advice) {
    findings.add(new Finding(what, here, passes, advice));
  }

  private void attempt(String what, Callable<String> attempt) {
    try {
      look(what, attempt.call(), true, "");
    } catch (Exception | LinkageError e) {
      look(
          what,
          String.valueOf(e.getMessage()),
          false,
          "does not work here; --debug shows more, docs/guide/install-and-run.md lists what is"
              + " needed");
    }
  }

  private static String torch() {
    Torch.start(1);
    try (TensorScope _ = TensorScope.open()) {
      Tensor two = Tensors.of(new float[] {1, 2, 3, 4}, 2, 2);
      float[] product = Products.multiply(two, two).floats();
      if (product[3] != 22) {
        throw new IllegalStateException("expected 3 * 2 + 4 * 4 = 22, got " + product[3]);
      }
    }
    return Version.ofLibtorch();
  }

  private static String tokenizer() {
    try (Tokenizer tokenizer = Tokenizer.load(ModelFolder.resolve("demo").directory())) {
      return "%,d ids of the demo model".formatted(tokenizer.size());
    }
  }

  private static long disk(Path folder) throws IOException {
    long free = Files.getFileStore(folder.toAbsolutePath()).getUsableSpace();
    if (free < LEAST_DISK) {
      throw new IllegalStateException(
          "%s free in %s, the demo needs %s"
              .formatted(Bytes.text(free), folder.toAbsolutePath(), Bytes.text(LEAST_DISK)));
    }
    return free;
  }
}
