package dev.loupe.cluster;

import dev.loupe.files.IoFailures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;

/** Where an attempt of a task runs, and what it has there. */
final class TaskPlace {
  private TaskPlace() {}

  /** Of the application, the executor and the attempt: nobody else has this name. */
  static String name(TaskContext task) {
    SparkEnv here = SparkEnv.get();
    return "%s-executor%s-task%d"
        .formatted(here.conf().getAppId(), here.executorId(), task.taskAttemptId());
  }

  /** Addresses of the GPUs that Spark gave it. */
  static List<String> gpus(TaskContext task) {
    ResourceInformation gpu = task.resourcesJMap().get("gpu");
    return gpu == null ? List.of() : Arrays.asList(gpu.addresses());
  }

  /** A new folder of this machine to work in, for the caller to delete. */
  static Path scratch(Path above) {
    try {
      return Files.createTempDirectory(Files.createDirectories(above), "loupe-task");
    } catch (IOException e) {
      throw IoFailures.writing(above, e);
    }
  }
}
