package dev.loupe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.dictionary.Contract;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import dev.loupe.files.Checksums;
import dev.loupe.files.FolderSums;
import dev.loupe.files.Json;
import dev.loupe.safetensors.SafetensorsFile;
import dev.loupe.safetensors.TensorSource;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.RankThreads;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs of ranks, as threads over the loopback, beside one of a process alone. */
@ExtendWith(LeakCheck.class)
final class GridTrainingTest {
  @TempDir private Path folder;

  private static void train(SmallRun run, int rows, int columns, int stopAfter) {
    List<SuiteTrainer.Result> results =
        RankThreads.run(
            rows * columns,
            world -> {
              // each rank is asked to stop, or rank 0 alone: all do
              SmallRun.StopAfter stop = new SmallRun.StopAfter(stopAfter);
              try (Grid grid = Grid.of(world, new Grid.Shape(rows, columns))) {
                return run.trainOn(grid, stop, world.rank() == 0 ? stop : () -> false);
              }
            });
    assertThat(results).containsOnly(results.getFirst());
  }

  /** The same tokens in the same order whatever the grid: what differs is rounding. */
  @Test
  void aSuiteOfRanksIsThatOfOneProcess() throws IOException {
    Path alone = folder.resolve("alone");
    SmallRun.in(alone).trainOn(Grid.alone(), () -> false);
    Path ranks = folder.resolve("ranks");
    train(SmallRun.in(ranks), 2, 2, Integer.MAX_VALUE);
    assertThat(FolderSums.ofSuite(ranks).keySet()).isEqualTo(FolderSums.ofSuite(alone).keySet());
    Suite suite = Suite.open(ranks);
    assertThat(suite.manifest().step()).isEqualTo("torch, ranks 2x2");
    assertThat(suite.manifest().stepsDone()).isEqualTo(SmallRun.STEPS);
    for (DictionaryName name : SmallRun.NAMES) {
      Checksums.verify(suite.folder(name));
      compareLogs(suite.folder(name), alone.resolve(name.toString()));
      compareWeights(suite.folder(name), alone.resolve(name.toString()));
      compareContracts(suite, Suite.open(alone), name);
    }
    checkThatItGoesOn(ranks);
  }

  private static void compareLogs(Path got, Path expected) throws IOException {
    List<String> lines = Files.readAllLines(got.resolve("training.jsonl"));
    List<String> others = Files.readAllLines(expected.resolve("training.jsonl"));
    assertThat(lines).hasSameSizeAs(others);
    for (int i = 0; i < lines.size(); i++) {
      JsonNode line = Json.mapper().readTree(lines.get(i));
      JsonNode other = Json.mapper().readTree(others.get(i));
      assertThat(line.get("tokens")).isEqualTo(other.get("tokens"));
      assertThat(line.get("k")).isEqualTo(other.get("k"));
      for (String field : List.of("loss", "explained_variance", "gradient_norm", "l0")) {
        double value = other.get(field).asDouble();
        assertThat(line.get(field).asDouble())
            .as("%s, line %d", field, i)
            .isCloseTo(value, within(1e-4 * Math.abs(value)));
      }
    }
  }

  /** An element that Adam moves by the sign of nearly nothing may differ; nearly all do not. */
  private static void compareWeights(Path got, Path expected) {
    String file = "checkpoints/raw.safetensors";
    try (TensorScope _ = TensorScope.open();
        TensorSource one = SafetensorsFile.open(got.resolve(file));
        TensorSource other = SafetensorsFile.open(expected.resolve(file))) {
      for (String name : List.of("encoder.weight", "decoder.weight", "decoder.bias")) {
        Tensor difference = Arithmetic.subtract(one.read(name), other.read(name));
        double[] sorted = Arrays.stream(difference.doubles()).map(Math::abs).sorted().toArray();
        assertThat(sorted[(int) (0.99 * (sorted.length - 1))]).as(name).isLessThan(1e-5);
      }
    }
  }

  private static void compareContracts(Suite got, Suite expected, DictionaryName name) {
    try (Dictionary one = got.dictionary(name);
        Dictionary other = expected.dictionary(name)) {
      Contract.Expected values = one.contract().expected().orElseThrow();
      Contract.Expected others = other.contract().expected().orElseThrow();
      assertThat(values.l0()).isCloseTo(others.l0(), within(0.02));
      assertThat(values.explainedVariance()).isCloseTo(others.explainedVariance(), within(1e-4));
    }
  }

  /** Stopped at one rank, all stop and save; what goes on from there ends with the same bytes. */
  private void checkThatItGoesOn(Path whole) {
    Path stopped = folder.resolve("stopped");
    train(SmallRun.in(stopped), 2, 2, 7);
    assertThat(Suite.open(stopped).manifest().stepsDone()).isEqualTo(7);
    assertThatThrownBy(() -> train(SmallRun.in(stopped).resumed(), 1, 2, Integer.MAX_VALUE))
        .hasMessageContaining("expected torch, ranks 2x2, got torch, ranks 1x2");
    train(SmallRun.in(stopped).resumed(), 2, 2, Integer.MAX_VALUE);
    assertThat(FolderSums.ofSuite(stopped)).isEqualTo(FolderSums.ofSuite(whole));
    train(SmallRun.in(stopped).resumed(), 2, 2, Integer.MAX_VALUE); // nothing to do
    assertThat(FolderSums.ofSuite(stopped)).isEqualTo(FolderSums.ofSuite(whole));
  }

  @Test
  void ranksThatAreNotStartedAlikeAreRefused() {
    assertThatThrownBy(() ->
            RankThreads.run(
                2,
                world -> {
                  SmallRun run = SmallRun.in(folder.resolve("odd")).withSeed(world.rank());
                  try (Grid grid = Grid.of(world, new Grid.Shape(2, 1))) {
                    return run.trainOn(grid, () -> false);
                  }
                }))
        .hasMessageContaining("got others than rank 0's at ranks [1]");
  }

  @Test
  void theSparseStepIsRefused() {
    assertThatThrownBy(() ->
            RankThreads.run(
                2,
                world -> {
                  try (Grid grid = Grid.of(world, new Grid.Shape(2, 1))) {
                    SmallRun.in(folder.resolve("simd")).open(grid).close();
                    return true;
                  }
                }))
        .hasMessageContaining("expected --step torch")
        .hasMessageContaining("got simd");
  }
}
