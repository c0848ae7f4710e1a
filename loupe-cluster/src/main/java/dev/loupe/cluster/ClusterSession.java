package dev.loupe.cluster;

import dev.loupe.tensor.Device;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.util.SerializableConfiguration;

/** An application of Spark, from its start until it is closed. */
final class ClusterSession implements AutoCloseable {
  private final JavaSparkContext spark;
  private final double startSeconds;

  private ClusterSession(JavaSparkContext spark, double startSeconds) {
    this.spark = spark;
    this.startSeconds = startSeconds;
  }

  /** Starts one; the caller closes it. */
  static ClusterSession open(ExecutorPlan executors, String name, Device device) {
    long start = System.nanoTime();
    JavaSparkContext spark = new JavaSparkContext(executors.settings(name, device));
    HadoopStorage.use(spark.hadoopConfiguration());
    return new ClusterSession(spark, (System.nanoTime() - start) / 1e9);
  }

  /** How long Spark took to start, without executors. */
  double startSeconds() {
    return startSeconds;
  }

  /** How file systems are reached, also on executors. */
  SerializableConfiguration storage() {
    return new SerializableConfiguration(spark.hadoopConfiguration());
  }

  /** A folder by its full address, whatever this process's folder and file system are. */
  URI qualified(String folder) {
    try {
      Path path = new Path(folder);
      FileSystem files = path.getFileSystem(spark.hadoopConfiguration());
      return files.makeQualified(path).toUri();
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "expected a folder that a file system of Hadoop reaches, got %s: %s"
              .formatted(folder, e.getMessage()),
          e);
    }
  }

  /**
   * Does a task for each number.
   *
   * @param what a task does, for people
   * @param count tasks get 0 to count - 1
   * @return what they give, in that order
   * @throws IllegalStateException where one failed as often as Spark tries
   */
  <R> List<R> run(String what, int count, Function<Integer, R> task, Consumer<String> lines) {
    GroupEvents events = new GroupEvents(what, count, lines);
    spark.sc().addSparkListener(events);
    try {
      return spark
          .parallelize(IntStream.range(0, count).boxed().toList(), count)
          .map(task)
          .collect();
    } catch (Exception e) {
      if (e instanceof SparkException) { // which Scala does not declare
        throw failed(what, e);
      }
      throw e;
    } finally {
      spark.sc().removeSparkListener(events);
    }
  }

  /** Spark's message has the stack trace of the last attempt in it. */
  private static IllegalStateException failed(String what, Exception e) {
    String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given");
    return new IllegalStateException(
        "a %s failed as often as it is tried (spark.task.maxFailures): %s".formatted(what, message),
        e);
  }

  @Override
  public void close() {
    spark.close();
  }
}
