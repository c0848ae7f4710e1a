package dev.loupe.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.loupe.store.FeatureStore;
import dev.loupe.store.StoredFeature;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ActivationBinTest {
  @TempDir private Path folder;
  private StoredFeature stored;

  @BeforeEach
  void read() throws IOException {
    try (FeatureStore store = SmallStore.open(folder)) {
      stored = store.read(List.of(0), Sequence.KINDS).getFirst();
    }
  }

  private ActivationBin band(int band) {
    return ActivationBin.band(stored, band, SmallStore.TOKENS);
  }

  @Test
  void theStrongestSamplesAreNoInterval() {
    assertThat(ActivationBin.top(stored.feature())).isEqualTo(new ActivationBin(-1, 7.5, -1));
  }

  @Test
  void bandsContainTheTokensBetweenTheirEdges() {
    assertThat(band(3)).isEqualTo(new ActivationBin(1, 2, 0.002));
    assertThat(band(5)).isEqualTo(new ActivationBin(2, 4, 0.005));
    assertThat(band(7)).as("up to the maximum itself").isEqualTo(new ActivationBin(4, 7.5, 0.003));
    assertThat(band(0)).as("an empty band").isEqualTo(new ActivationBin(1, 1, 0));
  }

  @Test
  void bandsTogetherContainAllThatFires() {
    assertThat(IntStream.range(0, 8).mapToDouble(band -> band(band).contains()).sum())
        .isEqualTo(0.01, within(1e-12));
  }

  @Test
  void anEdgeWithinABinTakesItsShareOfTheBin() {
    stored.feature().bandEdges()[4] = (float) (1 + (Math.pow(2, 0.125) - 1) / 2);
    assertThat(band(3).contains()).isEqualTo(0.001, within(1e-9));
  }
}
