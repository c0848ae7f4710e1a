package dev.loupe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.loupe.tensor.Device;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.RankThreads;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(LeakCheck.class)
final class RankBenchTest {
  private static final StepBench.Shape SHAPE = new StepBench.Shape(32, 256, 4, 64, 3, 1);

  /** What was sent is the formula's, but for the roundings of each collective. */
  @ParameterizedTest
  @CsvSource({"1, 1", "1, 2", "2, 1", "2, 2", "4, 1"})
  void theFormulaIsWhatIsSent(int rows, int columns) {
    List<RankBench.Result> results =
        RankThreads.run(
            rows * columns,
            world -> {
              try (Grid grid = Grid.of(world, new Grid.Shape(rows, columns))) {
                return RankBench.run(grid, SHAPE, Device.CPU, "lo");
              }
            });
    RankBench.Result first = results.getFirst();
    assertThat(first.ranks()).isEqualTo(rows + "x" + columns);
    assertThat(first.countedBytes()).isCloseTo(first.formulaBytes(), within(8.0));
    if (first.measuredBytes() >= 0) { // where the system counts
      assertThat(first.measuredBytes()).isGreaterThanOrEqualTo(0.99 * first.countedBytes());
    }
    assertThat(first.medianStepSeconds()).isPositive();
  }
}
