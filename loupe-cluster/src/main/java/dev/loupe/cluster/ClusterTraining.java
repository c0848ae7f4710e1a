package dev.loupe.cluster;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.cli.PlanText;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Screening;
import dev.loupe.dictionary.Suite;
import dev.loupe.files.AtomicFolder;
import dev.loupe.train.Plan;
import dev.loupe.train.PlanRequest;
import dev.loupe.train.PlanRoom;
import dev.loupe.train.Planner;
import dev.loupe.train.Resume;
import dev.loupe.train.SuiteParts;
import dev.loupe.train.TrainingSetup;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.util.SerializableConfiguration;

/** A suite over executors, from the plan to the folder that the driver puts together. */
final class ClusterTraining {
  private final ClusterSession spark;
  private final TrainingSetup whole;
  private final List<String> arguments;
  private final URI shared;
  private final Consumer<String> lines;

  /**
   * A run.
   *
   * @param spark borrowed
   * @param whole with its number of passes, which are the groups
   * @param arguments that tell an executor the same
   * @param shared folder of states and finished groups
   * @param lines takes what is said on the way
   */
  ClusterTraining(
      ClusterSession spark,
      TrainingSetup whole,
      List<String> arguments,
      URI shared,
      Consumer<String> lines) {
    this.spark = spark;
    this.whole = whole;
    this.arguments = arguments;
    this.shared = shared;
    this.lines = lines;
  }

  /**
   * What came out, and what it took.
   *
   * @param sparkSeconds until Spark had started
   * @param jobSeconds until all groups were finished
   * @param assemblySeconds until the suite was in its folder
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record Report(
      String suite,
      long steps,
      List<DictionaryName> dictionaries,
      double sparkSeconds,
      double jobSeconds,
      double assemblySeconds,
      List<GroupOutcome> groups) {}

  /**
   * Groups that fit an executor: as many as were asked for; else as few as fit, but no fewer than
   * there are executors to work.
   *
   * @param threads of each
   * @throws IllegalStateException where nothing fits, with what to change
   */
  static Plan plan(PlanRequest request, OptionalInt asked, ExecutorPlan executors, int threads) {
    PlanRoom room =
        new PlanRoom(executors.memoryBytes(), Long.MAX_VALUE, threads, Screening.current());
    Plan plan = Planner.plan(request.withPasses(asked), room, Optional.empty());
    int useful = Math.min(executors.executors().orElse(1), request.names().size());
    if (asked.isEmpty() && plan.passes().size() < useful) {
      plan = Planner.plan(request.withPasses(OptionalInt.of(useful)), room, Optional.empty());
    }
    if (!plan.fits()) {
      throw new IllegalStateException("a group on an executor " + new PlanText(plan).verdict());
    }
    return plan;
  }

  /** Trains what is not finished, and puts the suite together. */
  Report run() {
    SharedFolders groups = SharedFolders.at(shared, spark.storage().value());
    groups.checkFree(whole.resume() != Resume.NO);
    int count = whole.passes().orElseThrow();
    long start = System.nanoTime();
    List<GroupOutcome> outcomes =
        spark.run(
            "group",
            count,
            new GroupTraining(arguments, count, whole.buffer().bytes(), shared, spark.storage()),
            lines);
    long trained = System.nanoTime();
    checkFinished(outcomes);
    AtomicFolder.write(whole.out(), folder -> assemble(folder, count));
    long assembled = System.nanoTime();
    IntStream.range(0, count).forEach(group -> groups.delete(GroupStorage.name(group)));
    Suite suite = Suite.open(whole.out());
    return new Report(
        suite.directory().toString(),
        suite.manifest().steps(),
        suite.names(),
        spark.startSeconds(),
        (trained - start) / 1e9,
        (assembled - trained) / 1e9,
        outcomes);
  }

  private void checkFinished(List<GroupOutcome> outcomes) {
    List<GroupOutcome> failed = outcomes.stream().filter(o -> !o.failure().isEmpty()).toList();
    if (!failed.isEmpty()) {
      throw new IllegalStateException(
          "%d of %d groups did not finish: %s. What is finished is kept in %s, from where the same command with --resume goes on"
              .formatted(
                  failed.size(),
                  outcomes.size(),
                  failed.stream()
                      .map(o -> "group %d: %s".formatted(o.group() + 1, o.failure()))
                      .collect(Collectors.joining("; ")),
                  shared));
    }
  }

  private void assemble(Path folder, int count) {
    SerializableConfiguration storage = spark.storage();
    List<Path> parts = new ArrayList<>();
    Path beside = folder.resolve(".groups");
    for (int group = 0; group < count; group++) {
      Path part = beside.resolve(GroupStorage.name(group));
      GroupStorage.of(shared, group, storage.value()).fetchSuite(part);
      parts.add(part);
    }
    SuiteParts.assemble(parts, whole, folder);
    AtomicFolder.delete(beside);
  }
}
