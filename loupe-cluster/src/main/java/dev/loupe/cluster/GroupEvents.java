package dev.loupe.cluster;

import java.util.function.Consumer;
import org.apache.spark.TaskFailedReason;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.scheduler.TaskInfo;

/** Says where tasks begin, end and fail. */
final class GroupEvents extends SparkListener {
  private final String what;
  private final int count;
  private final Consumer<String> lines;

  /**
   * For a job.
   *
   * @param what a task does
   * @param count of tasks
   */
  GroupEvents(String what, int count, Consumer<String> lines) {
    this.what = what;
    this.count = count;
    this.lines = lines;
  }

  @Override
  public void onTaskStart(SparkListenerTaskStart event) {
    TaskInfo task = event.taskInfo();
    say(task, task.attemptNumber() == 0 ? "begins" : "begins again");
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd event) {
    TaskInfo task = event.taskInfo();
    if (event.reason() instanceof TaskFailedReason reason) {
      say(task, "failed: " + reason.toErrorString().lines().findFirst().orElse("no reason given"));
    } else {
      say(task, "is done after %.1f s".formatted(task.duration() / 1e3));
    }
  }

  private void say(TaskInfo task, String text) {
    lines.accept(
        "%s %d of %d on executor %s (%s) %s"
            .formatted(what, task.index() + 1, count, task.executorId(), task.host(), text));
  }
}
