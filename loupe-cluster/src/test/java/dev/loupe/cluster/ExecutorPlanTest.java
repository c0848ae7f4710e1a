package dev.loupe.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.loupe.tensor.Device;
import java.util.List;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is asked of Spark; nothing is started. */
final class ExecutorPlanTest {
  private static ExecutorPlan plan(String master, Optional<Integer> executors, int cores) {
    return ExecutorPlan.of(
        new SparkConf(false).setMaster(master),
        executors,
        cores == 0 ? Optional.empty() : Optional.of(cores),
        Optional.of(64L << 30));
  }

  @Test
  void aLocalMasterSaysHowManyAndHowLarge() {
    ExecutorPlan plan = plan("local-cluster[3,2,1024]", Optional.empty(), 0);
    assertThat(plan.executors()).contains(3);
    assertThat(plan.cores()).isEqualTo(2);
    SparkConf conf = plan.settings("test", Device.CPU);
    assertThat(conf.get("spark.task.cpus")).isEqualTo("2");
    assertThat(conf.get("spark.executor.memory")).isEqualTo("1024m");
    assertThat(conf.get("spark.executorEnv.OMP_NUM_THREADS")).isEqualTo("1");
    assertThat(conf.get("spark.executorEnv.JAVA_HOME")).isEqualTo(System.getProperty("java.home"));
    assertThat(plan("local[4]", Optional.empty(), 0).cores()).isEqualTo(4);
  }

  @Test
  void anExecutorHasOneTaskAndTheFlagsOfThisJvm() {
    SparkConf conf = plan("yarn", Optional.of(5), 8).settings("test", Device.CPU);
    assertThat(conf.get("spark.executor.instances")).isEqualTo("5");
    assertThat(conf.get("spark.executor.cores")).isEqualTo("8");
    assertThat(conf.get("spark.task.cpus")).isEqualTo("8");
    assertThat(conf.get("spark.cores.max")).isEqualTo("40");
    assertThat(conf.get("spark.executor.memory")).isEqualTo("4096m");
    assertThat(conf.get("spark.executor.memoryOverhead")).isEqualTo("61440m");
    assertThat(conf.get("spark.executor.extraJavaOptions"))
        .contains("--add-modules=jdk.incubator.vector")
        .contains("-Dorg.bytedeco.javacpp.nopointergc=true")
        .doesNotContain("-Xmx");
    assertThat(conf.contains("spark.executorEnv.JAVA_HOME")).isFalse();
    assertThat(conf.contains("spark.task.resource.gpu.amount")).isFalse();
  }

  @Test
  void aTaskOnAGpuAsksForOneAndTakesItsAddress() {
    SparkConf conf = plan("yarn", Optional.of(5), 8).settings("test", Device.parse("cuda"));
    assertThat(conf.get("spark.task.resource.gpu.amount")).isEqualTo("1");
    assertThat(conf.get("spark.executor.resource.gpu.amount")).isEqualTo("1");
    assertThat(TaskDevice.of(Device.parse("cuda"), List.of("3"))).hasToString("cuda:3");
    assertThat(TaskDevice.of(Device.CPU, List.of())).isEqualTo(Device.CPU);
    assertThat(TaskDevice.of(Device.CPU, List.of("3"))).isEqualTo(Device.CPU);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TaskDevice.of(Device.parse("cuda"), List.of()))
        .withMessageContaining("got []");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TaskDevice.of(Device.parse("cuda"), List.of("0", "1")))
        .withMessageContaining("got [0, 1]");
  }

  @Test
  void whatSparkSubmitShipsIsTheClassPath() {
    SparkConf conf = new SparkConf(false).setMaster("yarn").set("spark.jars", "loupe.jar");
    ExecutorPlan plan =
        ExecutorPlan.of(conf, Optional.empty(), Optional.empty(), Optional.of(8L << 30));
    assertThat(plan.settings("test", Device.CPU).contains("spark.executor.extraClassPath"))
        .isFalse();
    assertThat(
            plan("yarn", Optional.empty(), 1)
                .settings("test", Device.CPU)
                .get("spark.executor.extraClassPath"))
        .isEqualTo(System.getProperty("java.class.path"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "demo",
        "demo-chat",
        "demo:books=0.7,demo:wordnet=0.3",
        "/data/a.jsonl=0.5,/data/b=0.5",
        "s3a://bucket/c",
        "llama-scope-paper"
      })
  void namesThatMeanTheSameEverywhere(String name) {
    PortablePaths.check("--corpus", name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"models/llama", "demo.jsonl", "/data/a.jsonl=0.5,b.jsonl=0.5", "*.txt"})
  void relativePathsAreRefused(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PortablePaths.check("--corpus", name))
        .withMessageStartingWith("expected an absolute path as --corpus");
  }
}
