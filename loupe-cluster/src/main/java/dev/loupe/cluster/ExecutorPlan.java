package dev.loupe.cluster;

import dev.loupe.tensor.Device;
import dev.loupe.tensor.Torch;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.spark.SparkConf;

/**
 * The executors that are asked for: each runs one task at a time, on all of its cores.
 *
 * @param conf Spark's settings; those of this record are put into a copy
 * @param executors how many, as far as is known
 * @param cores of each
 * @param memoryBytes of each, the Java heap being a part of it
 */
record ExecutorPlan(SparkConf conf, Optional<Integer> executors, int cores, long memoryBytes) {
  private static final Pattern LOCAL = Pattern.compile("local(?:\\[(\\d+|\\*)(?:,\\d+)?\\])?");
  private static final Pattern LOCAL_CLUSTER =
      Pattern.compile("local-cluster\\[\\s*(\\d+)\\s*,\\s*(\\d+)\\s*,\\s*(\\d+)\\s*\\]");

  /** Flags of this JVM that its executors need, too. */
  private static final List<String> FLAGS =
      List.of(
          "--add-modules",
          "--enable-native-access",
          "-Dorg.bytedeco.",
          "-Dloupe.",
          "-Duser.timezone=");

  /** Of the heap, which holds little: activations and weights are outside. */
  private static final long LEAST_HEAP = 1L << 30;

  private static final long MOST_HEAP = 4L << 30;

  /** Fills in what was not said. */
  static ExecutorPlan of(
      SparkConf conf, Optional<Integer> executors, Optional<Integer> cores, Optional<Long> memory) {
    Matcher cluster = LOCAL_CLUSTER.matcher(conf.get("spark.master"));
    boolean many = cluster.matches();
    Optional<Integer> known =
        many
            ? Optional.of(Integer.parseInt(cluster.group(1)))
            : executors.or(() -> number(conf, "spark.executor.instances"));
    int each =
        cores
            .or(() -> many ? Optional.of(Integer.parseInt(cluster.group(2))) : Optional.empty())
            .or(() -> localCores(conf.get("spark.master")))
            .or(() -> number(conf, "spark.executor.cores"))
            .orElse(1);
    long free = Torch.freeMemoryBytes() / (many ? known.orElse(1) : 1);
    return new ExecutorPlan(conf, known, each, memory.orElse(free));
  }

  private static Optional<Integer> number(SparkConf conf, String key) {
    return conf.contains(key) ? Optional.of(conf.getInt(key, 1)) : Optional.empty();
  }

  private static Optional<Integer> localCores(String master) {
    Matcher local = LOCAL.matcher(master);
    if (!local.matches()) {
      return Optional.empty();
    }
    String cores = local.group(1) == null ? "1" : local.group(1);
    return Optional.of(
        cores.equals("*") ? Runtime.getRuntime().availableProcessors() : Integer.parseInt(cores));
  }

  /**
   * Spark's settings for an application.
   *
   * @param name of it
   * @param device of the tasks: for a GPU each asks for one
   */
  SparkConf settings(String name, Device device) {
    SparkConf made = conf.clone().setAppName(name);
    made.set("spark.executor.cores", String.valueOf(cores));
    made.set("spark.task.cpus", String.valueOf(cores)); // one task an executor: it has the memory
    executors.ifPresent(count -> {
      made.setIfMissing("spark.executor.instances", String.valueOf(count));
      made.setIfMissing("spark.cores.max", String.valueOf(count * cores));
    });
    memory(made);
    made.set("spark.executor.extraJavaOptions", flags(made));
    made.setExecutorEnv("OMP_NUM_THREADS", "1"); // as the launcher has it
    made.setExecutorEnv("OPENBLAS_NUM_THREADS", "1");
    made.setExecutorEnv("OMP_WAIT_POLICY", "PASSIVE");
    made.setIfMissing("spark.ui.enabled", "false");
    if (!device.isCpu()) {
      made.setIfMissing("spark.task.resource.gpu.amount", "1");
      made.setIfMissing("spark.executor.resource.gpu.amount", "1");
    }
    here(made);
    return made;
  }

  private void memory(SparkConf made) {
    long heap = Math.clamp(memoryBytes / 8, LEAST_HEAP, MOST_HEAP);
    Matcher cluster = LOCAL_CLUSTER.matcher(made.get("spark.master"));
    long most = cluster.matches() ? Long.parseLong(cluster.group(3)) << 20 : Long.MAX_VALUE;
    made.setIfMissing("spark.executor.memory", (Math.min(heap, most) >> 20) + "m");
    made.setIfMissing(
        "spark.executor.memoryOverhead", Math.max(384, (memoryBytes - heap) >> 20) + "m");
  }

  private static String flags(SparkConf made) {
    String own =
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(flag -> FLAGS.stream().anyMatch(flag::startsWith))
            .collect(Collectors.joining(" "));
    return (own + " " + made.get("spark.executor.extraJavaOptions", "")).strip();
  }

  /**
   * Executors have the class path of this process unless something else was said: Loupe is in the
   * same folder on all machines. On this machine they also have its JDK and its caches.
   */
  private static void here(SparkConf made) {
    if (!made.contains("spark.jars")) {
      made.setIfMissing("spark.executor.extraClassPath", System.getProperty("java.class.path"));
    }
    if (made.get("spark.master").startsWith("local")) {
      made.setExecutorEnv("JAVA_HOME", System.getProperty("java.home"));
      made.setExecutorEnv("SPARK_SCALA_VERSION", "2.13"); // else it looks for a build of Spark
      String cache = System.getenv("LOUPE_CACHE");
      if (cache != null) {
        made.setExecutorEnv("LOUPE_CACHE", cache);
      }
      made.setIfMissing("spark.driver.host", "127.0.0.1");
      made.setIfMissing("spark.driver.bindAddress", "127.0.0.1");
    }
  }
}
