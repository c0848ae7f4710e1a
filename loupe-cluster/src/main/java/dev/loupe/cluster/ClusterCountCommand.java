package dev.loupe.cluster;

import dev.loupe.cli.OutputOptions;
import dev.loupe.tensor.Device;
import dev.loupe.text.CorpusCount;
import dev.loupe.text.CorpusSpec;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code loupe cluster count}. */
@Command(
    name = "count",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Counts the documents, characters and tokens of a corpus over executors, a task for each"
            + " file: what --tokens of a run can be.",
    footer = {
      "",
      "Example: ./loupe cluster count --master local-cluster[2,1,1024] --model demo --corpus demo",
      "Files may be on any of Hadoop's file systems (hdfs://..., s3a://...) and are read as they"
          + " come, without a copy on disk; Parquet files are read from this machine's paths."
    })
final class ClusterCountCommand implements Callable<Integer> {
  @Mixin private ClusterOptions cluster = new ClusterOptions();

  @Option(
      names = "--model",
      required = true,
      paramLabel = "M",
      description = "whose tokenizer counts: a folder with the same path on all machines, or demo")
  private String model = "";

  @Option(
      names = "--corpus",
      required = true,
      paramLabel = "C",
      description = "as for train, or addresses of files, folders and globs elsewhere")
  private String corpus = "";

  @Option(names = "--skip-bad-lines", description = "count bad lines instead of stopping")
  private boolean skipBadLines;

  @Mixin private OutputOptions output = new OutputOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    ExecutorPlan executors = cluster.plan();
    PortablePaths.check(spec, "--model", "--corpus");
    try (ClusterSession spark = ClusterSession.open(executors, "loupe count", Device.CPU)) {
      CorpusSpec texts = CorpusSpec.parse(corpus);
      FileCount task = new FileCount(model, corpus, skipBadLines, spark.storage());
      long start = System.nanoTime();
      List<CorpusCount> files =
          spark.run("file", FileCount.files(texts).size(), task, output::note);
      double seconds = (System.nanoTime() - start) / 1e9;
      CountReport report = CountReport.of(texts, files, spark.startSeconds(), seconds);
      output.print(report, report::text);
    }
    return 0;
  }
}
