package dev.loupe.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.dictionary.Suite;
import dev.loupe.dictionary.Weights;
import dev.loupe.files.FolderSums;
import dev.loupe.files.Json;
import dev.loupe.safetensors.SafetensorsFile;
import dev.loupe.safetensors.TensorSource;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Batches that give a loss that is not finite, or far above the usual, in whole runs. */
@ExtendWith(LeakCheck.class)
final class SpikeTest {
  private static final SpikeRule WARN = SpikeRule.USUAL;
  private static final SpikeRule SKIP = new SpikeRule(SpikeRule.Response.SKIP, 3);
  private static final SpikeRule STOP = new SpikeRule(SpikeRule.Response.STOP, 3);

  /** By which the second dictionary's inputs of step 18 are multiplied. */
  private static final double SPIKE = 30;

  @TempDir private Path folder;

  @Test
  void whatIsNotFiniteStopsARunAndCanBeSkipped() throws IOException {
    SmallRun run = SmallRun.in(folder.resolve("suite")).with(WARN);
    SuiteTrainer.Result stopped = run.trainWith(poisonedAt(5, Double.NaN));
    assertThat(stopped.stepsDone()).isEqualTo(5);
    assertThat(stopped.failure()).startsWith("L1TC-2x: loss NaN").contains("step 5");
    JsonNode incident = incident(run.out(), 5);
    assertThat(incident.path("incidents").get(0).path("response").asText()).isEqualTo("stop");

    // the other dictionary's update of the step was done, and is not done twice
    run.resumed().with(SKIP).trainWith(poisonedAt(5, Double.NaN));
    Suite.Manifest manifest = Suite.open(run.out()).manifest();
    assertThat(manifest.skippedUpdates()).isEqualTo(Map.of("L1TC-2x", List.of(5L)));

    SmallRun atOnce = SmallRun.in(folder.resolve("at-once")).with(SKIP);
    atOnce.trainWith(poisonedAt(5, Double.NaN));
    assertThat(FolderSums.ofSuite(run.out())).isEqualTo(FolderSums.ofSuite(atOnce.out()));
    assertThat(Files.readAllLines(run.out().resolve("L1R-2x/training.jsonl"))).hasSize(24);
    assertThat(Files.readAllLines(run.out().resolve("L1TC-2x/training.jsonl"))).hasSize(23);
  }

  @Test
  void aSpikeIsToldOfAndItsBatchKept() {
    SmallRun run = SmallRun.in(folder.resolve("suite")).with(WARN);
    assertThat(run.trainWith(poisonedAt(18, SPIKE)).isWhole()).isTrue();
    JsonNode incident = incident(run.out(), 18).path("incidents").get(0);
    assertThat(incident.path("dictionary").asText()).isEqualTo("L1TC-2x");
    assertThat(incident.path("message").asText()).contains("3.0 times the usual");
    assertThat(incident.path("response").asText()).isEqualTo("warn");
    assertThat(Suite.open(run.out()).manifest().skippedUpdates()).isEmpty();
    try (TensorScope _ = TensorScope.open();
        TensorSource batch =
            SafetensorsFile.open(run.out().resolve("incidents/step-18/batch.safetensors"))) {
      assertThat(LongStream.of(batch.read("ids").longs())).hasSize(128).allMatch(id -> id < 4096);
      assertThat(LongStream.of(batch.read("positions").longs())).allMatch(p -> p > 0 && p < 64);
      assertThat(batch.read("contexts").longs()).hasSize(128);
      assertThat(DoubleStream.of(batch.read("norms.blocks.1.hook_resid_post").doubles()))
          .hasSize(128)
          .allMatch(norm -> norm > 0);
    }
  }

  @Test
  void aSpikeCanStopARun() {
    SmallRun run = SmallRun.in(folder.resolve("suite")).with(STOP);
    SuiteTrainer.Result stopped = run.trainWith(poisonedAt(18, SPIKE));
    assertThat(stopped.failure()).startsWith("L1TC-2x: expected a loss of at most 3.0 times");
    assertThat(stopped.stepsDone()).isEqualTo(18);

    // a spike that is used after all gives the run that used it at once
    run.resumed().with(WARN).trainWith(poisonedAt(18, SPIKE));
    SmallRun atOnce = SmallRun.in(folder.resolve("at-once")).with(WARN);
    atOnce.trainWith(poisonedAt(18, SPIKE));
    assertThat(FolderSums.ofSuite(run.out())).isEqualTo(FolderSums.ofSuite(atOnce.out()));
  }

  @Test
  void lossesOfAnotherGateAreNoSpikes() {
    Sweep sweep =
        new Sweep()
            .with("batch_gate_share", List.of(Json.mapper().getNodeFactory().numberNode(0.25)));
    SmallRun run = SmallRun.in(folder.resolve("suite")).with(STOP).with(sweep);
    StepFactory otherFrom18 =
        (recipe, scale, initial) ->
            new Poisoned(SmallRun.step(recipe, scale, initial), 18, Long.MAX_VALUE, SPIKE);
    assertThat(run.trainWith(otherFrom18).isWhole()).isTrue();
    SmallRun without = SmallRun.in(folder.resolve("without")).with(STOP).with(new Sweep());
    assertThat(without.trainWith(otherFrom18).stepsDone()).isEqualTo(18);
  }

  @Test
  void aSpikeCanBeSkipped() {
    SmallRun run = SmallRun.in(folder.resolve("suite")).with(SKIP);
    run.trainWith(poisonedAt(18, SPIKE));
    assertThat(Suite.open(run.out()).manifest().skippedUpdates())
        .isEqualTo(Map.of("L1TC-2x", List.of(18L)));
  }

  @Test
  void aRunThatHasDivergedStopsAlsoWhereSpikesAreSkipped() {
    SmallRun run = SmallRun.in(folder.resolve("suite")).with(SKIP);
    SuiteTrainer.Result stopped =
        run.trainWith((recipe, scale, initial) ->
            new Poisoned(SmallRun.step(recipe, scale, initial), 2, Long.MAX_VALUE, Double.NaN));
    assertThat(stopped.stepsDone()).isEqualTo(2 + Learner.MAX_SKIPS);
    assertThat(stopped.failure()).contains("10 skipped in a row");
  }

  private static JsonNode incident(Path suite, int step) {
    return Json.readObject(suite.resolve("incidents/step-" + step + "/incident.json"));
  }

  /** Steps of which the second dictionary's sees other inputs at one step. */
  private static StepFactory poisonedAt(long at, double factor) {
    AtomicInteger made = new AtomicInteger();
    return (recipe, scale, initial) -> {
      TrainingStep step = SmallRun.step(recipe, scale, initial);
      return made.getAndIncrement() == 1 ? new Poisoned(step, at, at, factor) : step;
    };
  }

  /** A step that is given inputs multiplied by a number. */
  private record Poisoned(TrainingStep step, long from, long to, double factor)
      implements TrainingStep {
    @Override
    public Outcome update(Tensor x, Tensor y, Settings settings) {
      try (TensorScope _ = TensorScope.open()) {
        boolean now = settings.step() >= from && settings.step() <= to;
        return step.update(now ? Arithmetic.multiply(x, factor) : x, y, settings);
      }
    }

    @Override
    public Weights weights() {
      return step.weights();
    }

    @Override
    public long silentFor(long tokens) {
      return step.silentFor(tokens);
    }

    @Override
    public SequencedMap<String, Tensor> state() {
      return step.state();
    }

    @Override
    public void restore(Function<String, Tensor> source, long tokens) {
      step.restore(source, tokens);
    }

    @Override
    public void endUpdates() {
      step.endUpdates();
    }

    @Override
    public void close() {
      step.close();
    }
  }
}
