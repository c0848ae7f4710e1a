package dev.loupe.cluster;

import dev.loupe.cli.Quantity;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the work goes, the same in every command over executors. */
final class ClusterOptions {
  @Option(
      names = "--master",
      paramLabel = "URL",
      description =
          "Spark's: spark://host:7077, yarn, k8s://..., local-cluster[EXECUTORS,CORES,MB] on this"
              + " machine (default: what spark-submit was given)")
  private @Nullable String master;

  @Option(
      names = "--executors",
      paramLabel = "N",
      description = "how many to ask for (default: what the cluster gives)")
  private @Nullable Integer executors;

  @Option(
      names = "--executor-cores",
      paramLabel = "N",
      description = "of each, all for one task (default: those of a local master, or 1)")
  private @Nullable Integer cores;

  @Option(
      names = "--executor-memory",
      paramLabel = "BYTES",
      description =
          "of each, most of it outside the Java heap (default: what is free here, shared by the"
              + " executors of a local master)")
  private @Nullable Quantity memory;

  @Option(
      names = "--conf",
      paramLabel = "KEY=VALUE",
      description = "a setting of Spark, such as spark.task.maxFailures=8; may be given again")
  private Map<String, String> settings = new LinkedHashMap<>();

  /** What was asked for, over what {@code spark-submit} has set. */
  ExecutorPlan plan() {
    SparkConf conf = new SparkConf();
    if (master != null) {
      conf.setMaster(master);
    }
    settings.forEach(conf::set);
    if (!conf.contains("spark.master")) {
      throw new IllegalArgumentException(
          "expected --master URL, or spark-submit's, got none; local-cluster[2,1,1024] is two"
              + " executors on this machine");
    }
    return ExecutorPlan.of(
        conf,
        Optional.ofNullable(executors),
        Optional.ofNullable(cores),
        Optional.ofNullable(memory).map(Quantity::value));
  }
}
