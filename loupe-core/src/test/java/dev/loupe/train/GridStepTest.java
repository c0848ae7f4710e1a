package dev.loupe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Scale;
import dev.loupe.files.Json;
import dev.loupe.safetensors.SafetensorsFile;
import dev.loupe.safetensors.TensorSource;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.Collectives;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.RankThreads;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ranks, as threads over the loopback, take the steps that one process takes. */
@ExtendWith(LeakCheck.class)
final class GridStepTest {
  private static final int D = 24;
  private static final int N = 32;

  /** A row's part of a batch: parts are unequal, as those of a stream are. */
  private static Tensor part(Tensor batch, Grid grid) {
    long n = batch.size(0);
    int rows = grid.shape().rows();
    int row = grid.all().rank() / grid.shape().columns();
    long from = n * row * (row + 2L) / (rows * (rows + 2L));
    long to = n * (row + 1L) * (row + 3L) / (rows * (rows + 2L));
    return batch.narrow(0, from, to - from).contiguous();
  }

  @ParameterizedTest
  @CsvSource({
    "training, 1x2, 1e-6",
    "training, 2x1, 1e-6",
    "training, 2x2, 1e-6",
    "training, 1x4, 1e-6",
    "training, 4x1, 1e-6",
    "training-tc, 1x2, 1e-6",
    "training-tc, 2x1, 1e-6",
    "training-tc, 2x2, 1e-6",
    "training-relu, 1x2, 3e-6",
    "training-relu, 2x1, 3e-6",
    "training-relu, 2x2, 3e-6"
  })
  void twelveStepsOfRanksAreTheReference(String name, String shape, double tolerance) {
    Grid.Shape ranks = shapeOf(shape);
    var _ =
        RankThreads.run(
            ranks.rows() * ranks.columns(), world -> golden(world, ranks, name, tolerance));
  }

  private static Grid.Shape shapeOf(String text) {
    String[] both = text.split("x", 2);
    return new Grid.Shape(Integer.parseInt(both[0]), Integer.parseInt(both[1]));
  }

  private static boolean golden(
      Collectives world, Grid.Shape shape, String name, double tolerance) {
    Path folder = GoldenTrainingTest.GOLDEN.resolve(name);
    ObjectNode config = Json.readObject(folder.resolve("config.json"));
    Schedule schedule = GoldenTrainingTest.schedule(config);
    try (TensorScope _ = TensorScope.open();
        TensorSource source = SafetensorsFile.open(folder.resolve("reference.safetensors"));
        Grid grid = Grid.of(world, shape);
        TrainingStep step =
            new TorchStep(
                GoldenTrainingTest.recipe(config),
                GoldenTrainingTest.scale(config),
                Initial.of(GoldenTrainingTest.weights(source, "initial")),
                grid)) {
      double[] losses = source.read("losses").doubles();
      double[] norms = source.read("gradient_norms").doubles();
      for (int s = 0; s < losses.length; s++) {
        Tensor x = part(source.read("x").select(0, s), grid);
        Tensor y = source.has("y") ? part(source.read("y").select(0, s), grid) : x;
        TrainingStep.Outcome outcome = step.update(x, y, GoldenTrainingTest.settings(schedule, s));
        assertThat(outcome.loss()).as("loss %d", s).isCloseTo(losses[s], within(1e-7));
        assertThat(outcome.gradientNorm()).isCloseTo(norms[s], within(1e-5 * norms[s]));
      }
      step.endUpdates();
      if (grid.isFirst()) {
        GoldenTrainingTest.compare(source, "after_" + losses.length, step.weights(), tolerance);
      }
      return true;
    }
  }

  /** AuxK, centred inputs and the gate across the batch, as one process has them. */
  @ParameterizedTest
  @CsvSource({
    "L0R-4x, 1x2, 0, false, true",
    "L0R-4x, 2x2, 5, false, true",
    "L0R-4x, 1x4, 500, false, false",
    "L0TC-4x, 2x1, 5, true, false",
    "L0TC-4x, 2x2, 500, true, true"
  })
  void everythingElseIsAsInOneProcess(
      String name, String shape, int auxK, boolean centre, boolean acrossBatch) {
    Recipe recipe = recipe(auxK, centre);
    try (TensorScope _ = TensorScope.open();
        Updated expected = updated(Grid.alone(), recipe, DictionaryName.parse(name), acrossBatch)) {
      Grid.Shape ranks = shapeOf(shape);
      List<Updated> all =
          RankThreads.run(
              ranks.rows() * ranks.columns(),
              world -> {
                try (Grid grid = Grid.of(world, ranks)) {
                  return updated(grid, recipe, DictionaryName.parse(name), acrossBatch);
                }
              });
      all.forEach(got -> got.assertAlike(expected));
      assertThat(all.getFirst().state()).isNotEmpty();
      all.getFirst()
          .state()
          .forEach((tensor, values) ->
              assertThat(difference(values, expected.state().get(tensor)))
                  .as(tensor)
                  .isLessThan(2e-4));
      all.forEach(Updated::close);
    }
  }

  private static Recipe recipe(int auxK, boolean centre) {
    ObjectNode values = Json.mapper().createObjectNode();
    values.put("clip_gradient_norm", 1e9).put("beta1", 0.9).put("k", 3);
    return Recipe.load("llama-scope").with(values.put("aux_k", auxK).put("centre_inputs", centre));
  }

  /** What twelve updates gave, with copies of the state as it is saved. */
  private record Updated(
      List<TrainingStep.Outcome> outcomes, long silent, SequencedMap<String, Tensor> state)
      implements AutoCloseable {
    void assertAlike(Updated expected) {
      assertThat(silent).isEqualTo(expected.silent);
      for (int s = 0; s < outcomes.size(); s++) {
        TrainingStep.Outcome got = outcomes.get(s);
        TrainingStep.Outcome one = expected.outcomes.get(s);
        assertThat(got.loss()).as("loss %d", s).isCloseTo(one.loss(), within(1e-6 * one.loss()));
        assertThat(got.gradientNorm())
            .isCloseTo(one.gradientNorm(), within(1e-5 * one.gradientNorm()));
        assertThat(got.l0()).isEqualTo(one.l0());
        assertThat(got.explainedVariance()).isCloseTo(one.explainedVariance(), within(1e-6));
        assertThat(got.explainedVarianceLegacy())
            .isCloseTo(one.explainedVarianceLegacy(), within(1e-6));
      }
    }

    @Override
    public void close() {
      state.values().forEach(Tensor::close);
    }
  }

  private static Updated updated(
      Grid grid, Recipe recipe, DictionaryName name, boolean acrossBatch) {
    try (TensorScope _ = TensorScope.open();
        TrainingStep step =
            new TorchStep(
                recipe,
                new Scale(Math.sqrt(D), Math.sqrt(D)),
                Initial.draw(recipe, name, batch(1), batch(2), 5),
                grid)) {
      List<TrainingStep.Outcome> outcomes =
          IntStream.range(0, 12)
              .mapToObj(s -> {
                Tensor x = part(batch(100 + s), grid);
                Tensor y = name.site().isTranscoder() ? part(batch(200 + s), grid) : x;
                return step.update(x, y, settings(s, acrossBatch));
              })
              .toList();
      TreeMap<String, Tensor> copies = new TreeMap<>();
      step.state()
          .forEach((tensor, value) -> copies.put(tensor, TensorScope.release(value.copy())));
      return new Updated(outcomes, step.silentFor(4 * N), copies);
    }
  }

  private static TrainingStep.Settings settings(long number, boolean acrossBatch) {
    return new TrainingStep.Settings(
        number, 1e-2, 3, acrossBatch, N, 0, true, Double.POSITIVE_INFINITY);
  }

  /** Rows with a mean far from zero, so that many features never fire. */
  private static Tensor batch(long seed) {
    return Arithmetic.addInPlace(StepBench.activations(D, N, seed), 0.7);
  }

  private static double difference(Tensor a, Tensor b) {
    return Arrays.stream(Arithmetic.subtract(a, b).doubles()).map(Math::abs).max().orElseThrow();
  }

  /** One rank's loss is not a number: all refuse the update. */
  @Test
  void whatOneRankCannotUseNoneUses() {
    List<Boolean> refused =
        RankThreads.run(
            2,
            world -> {
              Recipe recipe = recipe(0, false);
              try (TensorScope _ = TensorScope.open();
                  Grid grid = Grid.of(world, new Grid.Shape(2, 1));
                  TrainingStep step =
                      new TorchStep(
                          recipe,
                          new Scale(1, 1),
                          Initial.draw(
                              recipe, DictionaryName.parse("L0R-4x"), batch(1), batch(1), 5),
                          grid)) {
                Tensor x = world.rank() == 0 ? batch(3) : Arithmetic.multiply(batch(3), Double.NaN);
                assertThatThrownBy(() -> step.update(x, x, settings(0, false)))
                    .isInstanceOf(NotFiniteException.class);
                return Arithmetic.allFinite(step.weights().encoder());
              }
            });
    assertThat(refused).containsOnly(true);
  }

  /** A state that ranks have saved is one of any grid, and of a process alone. */
  @Test
  void aStateIsRestoredRankByRank() {
    Recipe recipe = recipe(0, true);
    DictionaryName name = DictionaryName.parse("L0R-4x");
    try (TensorScope _ = TensorScope.open();
        Updated saved = updated(Grid.alone(), recipe, name, false)) {
      List<Double> losses =
          RankThreads.run(
              2,
              world -> {
                try (Grid grid = Grid.of(world, new Grid.Shape(1, 2))) {
                  return lossAfter(saved, recipe, name, grid);
                }
              });
      double alone = lossAfter(saved, recipe, name, Grid.alone());
      assertThat(losses).allSatisfy(l -> assertThat(l).isCloseTo(alone, within(1e-6 * alone)));
    }
  }

  private static double lossAfter(Updated saved, Recipe recipe, DictionaryName name, Grid grid) {
    try (TensorScope _ = TensorScope.open();
        TrainingStep step =
            new TorchStep(
                recipe,
                new Scale(Math.sqrt(D), Math.sqrt(D)),
                Initial.draw(recipe, name, batch(7), batch(7), 6),
                grid)) {
      step.restore(tensor -> saved.state().get(tensor), 12 * N);
      Tensor x = batch(300);
      return step.update(x, x, settings(12, false)).loss();
    }
  }

  @Test
  void featuresThatTheColumnsCannotShareAreRefused() {
    assertThatThrownBy(() ->
            RankThreads.run(
                2,
                world -> {
                  try (Grid grid = Grid.of(world, new Grid.Shape(1, 2))) {
                    grid.checkFeatures(7);
                    return true;
                  }
                }))
        .hasMessageContaining("divides the 7 features, got 2");
  }

  @Test
  void shapesAreRead() {
    assertThat(Grid.Shape.parse("data", 4)).isEqualTo(new Grid.Shape(4, 1));
    assertThat(Grid.Shape.parse("features", 4)).isEqualTo(new Grid.Shape(1, 4));
    assertThat(Grid.Shape.parse("2x2", 4)).isEqualTo(new Grid.Shape(2, 2));
    assertThatThrownBy(() -> Grid.Shape.parse("2x3", 4))
        .hasMessageContaining("expected 2x3 to be the 4 ranks of WORLD_SIZE, got 6");
    assertThatThrownBy(() -> Grid.Shape.parse("both", 4)).hasMessageContaining("got 'both'");
  }

  /** Rank 0 has the whole, in the order of the columns, of any type. */
  @Test
  void piecesAreCollected() {
    List<Optional<long[]>> all =
        RankThreads.run(
            4,
            world -> {
              try (TensorScope _ = TensorScope.open();
                  Grid grid = Grid.of(world, new Grid.Shape(2, 2))) {
                TreeMap<String, Tensor> own = new TreeMap<>();
                own.put("last_fired", Tensors.of(new long[] {world.rank() % 2}, 1));
                return Optional.ofNullable(grid.whole(own).get("last_fired")).map(Tensor::longs);
              }
            });
    assertThat(all.getFirst().orElseThrow()).containsExactly(0, 1);
    assertThat(all.subList(1, 4)).containsOnly(Optional.empty());
  }
}
