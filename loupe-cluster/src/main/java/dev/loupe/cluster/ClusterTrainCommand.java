package dev.loupe.cluster;

import dev.loupe.cli.Loupe;
import dev.loupe.cli.OutputOptions;
import dev.loupe.cli.TrainingOptions;
import dev.loupe.cli.TrainingReport;
import dev.loupe.dictionary.Suite;
import dev.loupe.files.Bytes;
import dev.loupe.text.CorpusSpec;
import dev.loupe.train.BufferSetup;
import dev.loupe.train.Plan;
import dev.loupe.train.PlanRequest;
import dev.loupe.train.TrainingSession;
import dev.loupe.train.TrainingSetup;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code loupe cluster train}. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Trains a suite over executors: each takes a group of dictionaries, with a pass of the"
            + " language model of its own. The options of train, and where the work goes.",
    footer = {
      "",
      "Example: ./loupe cluster train --master local-cluster[2,1,1024] --shared runs/shared --out"
          + " runs/suite --model demo --corpus demo --layers 2,4 --sites R --tokens 200k",
      "A group is a pass of train --passes N: as many as there are executors, or more where the"
          + " memory of one needs it. With the same N, --buffer-bytes and --threads, train makes"
          + " the same bytes.",
      "A lost executor costs what its group did since its last state (--checkpoint-every); the"
          + " same command with --resume goes on after the loss of everything else."
    })
final class ClusterTrainCommand implements Callable<Integer> {
  @Mixin private ClusterOptions cluster = new ClusterOptions();

  @Option(
      names = "--shared",
      required = true,
      paramLabel = "URI",
      description =
          "a new folder that all machines reach, for states and finished groups: a path, hdfs:,"
              + " s3a:, or another of Hadoop's file systems")
  private String shared = "";

  @Option(
      names = "--corpus",
      required = true,
      paramLabel = "C",
      description = "as for train; files have the same path on all machines")
  private String corpus = "";

  @Option(
      names = "--out",
      required = true,
      paramLabel = "SUITE",
      description = "a new folder of this machine, for the whole suite")
  private Path out = Path.of("");

  @Option(
      names = "--scratch",
      paramLabel = "DIR",
      description = "on each executor, where a group is trained (default: its temporary folder)")
  private Path scratch = Path.of(System.getProperty("java.io.tmpdir"));

  @Mixin private TrainingOptions training = new TrainingOptions();

  @Option(names = "--resume", description = "go on with a stopped run in --shared")
  private boolean resume;

  @Mixin private OutputOptions output = new OutputOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  /** The command as it was called elsewhere. */
  static ClusterTrainCommand parse(String... arguments) {
    return (ClusterTrainCommand)
        Loupe.commandLine(ClusterCommand.class)
            .parseArgs(arguments)
            .subcommand()
            .subcommand()
            .commandSpec()
            .userObject();
  }

  TrainingOptions training() {
    return training;
  }

  Path scratch() {
    return scratch;
  }

  /** The whole run as it was planned. */
  TrainingSetup setup(int passes, long bufferBytes) {
    return setup(passes, training.request(bufferBytes).buffer().withBytes(bufferBytes));
  }

  private TrainingSetup setup(int passes, BufferSetup buffer) {
    return training.setup(CorpusSpec.parse(corpus), out, resume, OptionalInt.of(passes), buffer);
  }

  @Override
  public Integer call() {
    ExecutorPlan executors = cluster.plan();
    PortablePaths.check(spec, "--model", "--corpus", "--recipe", "--activation-cache");
    PlanRequest request = training.request(executors.memoryBytes());
    int threads = training.threads().orElse(executors.cores());
    Plan plan = ClusterTraining.plan(request, training.parsedPasses(), executors, threads);
    if (training.isResumed(resume) && TrainingSession.isFinished(out)) {
      output.note("Nothing to do: all steps of %s are done.".formatted(out));
      return 0;
    }
    Suite.checkFree(out);
    output.note(told(plan));
    try (ClusterSession spark = ClusterSession.open(executors, "loupe train", training.device())) {
      TrainingSetup whole = setup(plan.passes().size(), request.buffer());
      ClusterTraining.Report report =
          new ClusterTraining(spark, whole, arguments(), spark.qualified(shared), output::note)
              .run();
      output.print(report, () -> TrainingReport.table(Suite.open(out)));
    }
    return 0;
  }

  private List<String> arguments() {
    List<String> words = output.commandLine();
    return words.subList(1, words.size()); // the first is loupe
  }

  private static String told(Plan plan) {
    return "%d dictionaries in %d groups; the largest needs %s of an executor's %s"
        .formatted(
            plan.dictionaries().size(),
            plan.passes().size(),
            Bytes.text(plan.peakBytes()),
            Bytes.text(plan.freeBytes()));
  }
}
