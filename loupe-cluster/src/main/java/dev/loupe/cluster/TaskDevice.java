package dev.loupe.cluster;

import dev.loupe.tensor.Device;
import java.util.List;

/** Where a task computes. */
final class TaskDevice {
  private TaskDevice() {}

  /**
   * The GPU that Spark gave a task, for one that asked for any.
   *
   * @param asked the device of the command line: {@code cpu}, or {@code cuda} for one GPU a task
   * @param gpus addresses that the task was given
   */
  static Device of(Device asked, List<String> gpus) {
    if (asked.isCpu()) {
      return asked;
    }
    if (gpus.size() != 1 || !gpus.getFirst().matches("\\d{1,3}")) {
      throw new IllegalArgumentException(
          "expected the address of one GPU for a task with --device cuda, got %s; set spark.executor.resource.gpu.discoveryScript, and spark.task.resource.gpu.amount to 1"
              .formatted(gpus));
    }
    return new Device(Integer.parseInt(gpus.getFirst()));
  }
}
