package dev.loupe.cli;

import dev.loupe.database.DuckDb;
import dev.loupe.kernel.Kernels;
import dev.loupe.tensor.Torch;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code loupe version}: what a report of a fault should name. */
@Command(
    name = "version",
    mixinStandardHelpOptions = true,
    description = "Prints the versions of Loupe and of what it runs on.",
    footer = {
      "",
      "Whether all of it works here: ./loupe doctor",
      "",
      "Example: ./loupe version --json"
    })
final class VersionCommand implements Callable<Integer> {
  @Mixin private OutputOptions output = new OutputOptions();

  @Override
  public Integer call() throws Exception {
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("loupe", Version.ofLoupe());
    versions.put("java", Runtime.version() + ", " + System.getProperty("java.vm.name"));
    versions.put("system", System.getProperty("os.name") + ", " + System.getProperty("os.arch"));
    versions.put("processor", Torch.machine());
    versions.put("vectors", Kernels.BEST.vectorBits() + " bits");
    versions.put("libtorch", Version.ofLibtorch());
    versions.put("duckdb", DuckDb.version());
    output.print(versions, () -> table(versions));
    return 0;
  }

  private static String table(Map<String, String> versions) {
    StringBuilder lines = new StringBuilder();
    versions.forEach((what, version) -> lines.append("%-10s %s%n".formatted(what, version)));
    return lines.toString().stripTrailing();
  }
}
