package dev.loupe.cluster;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** How a work is cut into parts, and where they meet. */
final class PartsOptions {
  @Option(
      names = "--parts",
      required = true,
      paramLabel = "N",
      description = "tasks that the corpus is shared among; the result does not depend on it")
  private int count;

  @Option(
      names = "--shared",
      required = true,
      paramLabel = "URI",
      description =
          "a new folder that all machines reach, for parts until they are merged: a path, hdfs:,"
              + " s3a:, or another of Hadoop's file systems")
  private String shared = "";

  @Option(
      names = "--scratch",
      paramLabel = "DIR",
      description = "where each machine works on parts (default: its temporary folder)")
  private Path scratch = Path.of(System.getProperty("java.io.tmpdir"));

  @Option(names = "--resume", description = "take the parts that are in --shared")
  private boolean resume;

  int count() {
    if (count < 1) {
      throw new IllegalArgumentException("expected at least 1 part, got " + count);
    }
    return count;
  }

  String shared() {
    return shared;
  }

  Path scratch() {
    return scratch;
  }

  boolean resume() {
    return resume;
  }
}
