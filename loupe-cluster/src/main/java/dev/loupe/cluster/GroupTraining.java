package dev.loupe.cluster;

import dev.loupe.files.AtomicFolder;
import dev.loupe.files.FileFormatException;
import dev.loupe.tensor.Device;
import dev.loupe.text.CorpusException;
import dev.loupe.text.Progress;
import dev.loupe.train.Resume;
import dev.loupe.train.SuiteParts;
import dev.loupe.train.SuiteTrainer;
import dev.loupe.train.TrainingSession;
import dev.loupe.train.TrainingSetup;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The task of a group: trains it in a folder of this machine, keeps its states on shared storage,
 * and goes on from the newest of them if there was an attempt before. A failure that another
 * attempt would repeat is an outcome; any other is thrown, and Spark tries again.
 */
final class GroupTraining implements Function<Integer, GroupOutcome> {
  private static final long serialVersionUID = 1L;

  private final String[] arguments;
  private final int passes;
  private final long bufferBytes;
  private final String shared;
  private final SerializableConfiguration storage;

  /**
   * A task for each group.
   *
   * @param arguments of the command, which are read again where it runs
   * @param passes how many groups
   * @param bufferBytes of the shuffle buffer, as it was planned
   * @param shared root of the groups' folders
   */
  GroupTraining(
      List<String> arguments,
      int passes,
      long bufferBytes,
      URI shared,
      SerializableConfiguration storage) {
    this.arguments = arguments.toArray(String[]::new);
    this.passes = passes;
    this.bufferBytes = bufferBytes;
    this.shared = shared.toString();
    this.storage = storage;
  }

  @Override
  public GroupOutcome call(Integer group) {
    Attempt attempt = new Attempt(group, TaskContext.get());
    HadoopStorage.use(storage.value());
    GroupStorage kept = GroupStorage.of(URI.create(shared), group, storage.value());
    if (kept.suite().isPresent()) {
      return attempt.outcome("");
    }
    try {
      return attempt.outcome(train(attempt, kept));
    } catch (IllegalArgumentException | FileFormatException | CorpusException e) {
      return attempt.outcome(String.valueOf(e.getMessage()));
    }
  }

  /** Gives why the group is not finished, or nothing. */
  private String train(Attempt attempt, GroupStorage kept) {
    ClusterTrainCommand command = ClusterTrainCommand.parse(arguments);
    Device device = TaskDevice.of(command.training().device(), TaskPlace.gpus(attempt.task));
    command.training().start(attempt.task.cpus(), device);
    Path scratch = TaskPlace.scratch(command.scratch());
    try {
      Path suite = scratch.resolve("suite");
      Optional<Long> state = kept.fetchState(suite);
      attempt.resumedFrom = state.orElse(-1L);
      TrainingSetup whole = command.setup(passes, bufferBytes);
      TrainingSetup setup =
          SuiteParts.split(whole)
              .get(attempt.group)
              .into(
                  suite,
                  device,
                  state.isEmpty() ? Resume.NO : exactness(whole),
                  (folder, number) -> attempt.keep(kept, folder, number));
      SuiteTrainer.Result result = train(setup, attempt.task);
      if (result.isWhole()) {
        attempt.suiteBytes = kept.putSuite(suite, TaskPlace.name(attempt.task));
        return "";
      }
      return result.failure().isEmpty()
          ? "stopped after %,d of %,d steps".formatted(result.stepsDone(), result.steps())
          : result.failure();
    } finally {
      AtomicFolder.delete(scratch);
    }
  }

  private static Resume exactness(TrainingSetup whole) {
    return whole.resume() == Resume.INEXACT ? Resume.INEXACT : Resume.EXACT;
  }

  private static SuiteTrainer.Result train(TrainingSetup setup, TaskContext task) {
    try (TrainingSession session = TrainingSession.open(setup, Progress.NONE)) {
      return session.run(Progress.NONE, task::isInterrupted);
    }
  }

  /** One attempt of a task, and what it counts. */
  private static final class Attempt {
    private final int group;
    private final TaskContext task;
    private final long began = System.nanoTime();
    private long resumedFrom = -1;
    private int states;
    private long stateBytes;
    private long stateNanos;
    private long suiteBytes;

    Attempt(int group, TaskContext task) {
      this.group = group;
      this.task = task;
    }

    void keep(GroupStorage kept, Path suite, long number) {
      long start = System.nanoTime();
      stateBytes += kept.putState(suite, number, TaskPlace.name(task));
      stateNanos += System.nanoTime() - start;
      states++;
    }

    GroupOutcome outcome(String failure) {
      return new GroupOutcome(
          group,
          task.attemptNumber(),
          SparkEnv.get().executorId(),
          resumedFrom,
          states,
          stateBytes,
          stateNanos / 1e9,
          suiteBytes,
          (System.nanoTime() - began) / 1e9,
          failure);
    }
  }
}
