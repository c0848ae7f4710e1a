package dev.loupe.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** {@code loupe cluster analyze}. */
@Command(
    name = "analyze",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Analyses a suite over executors, a part of the corpus each, and merges the parts on this"
            + " machine: the same feature stores as analyze writes. Beside these options SUITE and"
            + " those of analyze.",
    footer = {
      "",
      "Example: ./loupe cluster analyze --master local-cluster[2,1,1024] --parts 2 --shared"
          + " runs/shared /data/suite --model demo --corpus demo --tokens 50k",
      "The suite is at the same path on all machines; the stores go into it here."
    })
final class ClusterAnalyzeCommand implements Callable<Integer> {
  @Mixin private ClusterOptions cluster = new ClusterOptions();
  @Mixin private PartsOptions parts = new PartsOptions();
  @Unmatched private List<String> words = new ArrayList<>();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    return new SharedParts("analyze", words, parts, spec).run(cluster.plan());
  }
}
