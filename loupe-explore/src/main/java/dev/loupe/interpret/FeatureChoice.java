package dev.loupe.interpret;

import dev.loupe.store.FeatureColumns;
import dev.loupe.tensor.SeededRandom;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Which features of a dictionary are interpreted, and how often each fires beside the others. */
final class FeatureChoice {
  private static final int DECILES = 10;

  private final int[] decileOf; // by feature, of its firing rate
  private final List<Integer> chosen;

  private FeatureChoice(int[] decileOf, List<Integer> chosen) {
    this.decileOf = decileOf;
    this.chosen = List.copyOf(chosen);
  }

  static FeatureChoice of(InterpretSetup setup, FeatureColumns columns) {
    int[] deciles = deciles(columns);
    return new FeatureChoice(deciles, setup.features().orElseGet(() -> drawn(setup, deciles)));
  }

  private static int[] deciles(FeatureColumns columns) {
    int[] deciles = new int[columns.features()];
    Arrays.fill(deciles, -1);
    List<Integer> alive =
        IntStream.range(0, columns.features())
            .filter(f -> columns.firings()[f] > 0)
            .boxed()
            .sorted(Comparator.comparingInt((Integer f) -> columns.firings()[f]))
            .toList();
    for (int i = 0; i < alive.size(); i++) {
      deciles[alive.get(i)] = (int) ((long) i * DECILES / alive.size());
    }
    return deciles;
  }

  private static List<Integer> drawn(InterpretSetup setup, int[] deciles) {
    SeededRandom random = new SeededRandom(setup.seed(), "features to interpret");
    return IntStream.range(0, deciles.length)
        .filter(f -> deciles[f] >= 0)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer f) -> random.uniform(f)))
        .limit(setup.most())
        .sorted()
        .toList();
  }

  List<Integer> chosen() {
    return chosen;
  }

  /** So many of those, evenly spread. */
  List<Integer> sample(int most) {
    int n = Math.min(most, chosen.size());
    return IntStream.range(0, n)
        .mapToObj(i -> chosen.get((int) ((long) i * chosen.size() / n)))
        .toList();
  }

  /** Which tenth of those that fire a feature is of, by rate; -1 where it never fires. */
  int decile(int feature) {
    return decileOf[feature];
  }
}
