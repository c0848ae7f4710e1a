package dev.loupe.interpret;

import dev.loupe.store.FeatureRow;
import dev.loupe.store.FeatureStore;
import dev.loupe.store.SampleKind;
import dev.loupe.store.SampleRow;
import dev.loupe.store.SampleText;
import dev.loupe.store.WindowRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Windows drawn from the whole corpus, to tell how rules do there, and not only among examples, of
 * which half are active. A rule is said to hold of a window where it holds of a token; the feature
 * is active in it as in {@link ExampleSets}. Each of a feature's eight bands counts by the windows
 * that it has in the corpus. Immutable.
 *
 * <p>With {@code A} of the corpus's {@code W} windows active, found with a recall of {@code R}, and
 * rules that hold of a share {@code r} of windows drawn from anywhere, the precision is {@code R·A
 * / (r·W)}. It is rough where rules hold of few of those windows.
 */
public final class CorpusWindows {
  /** No windows: nothing is told of the corpus. */
  public static final CorpusWindows NONE = new CorpusWindows(List.of(), 0);

  private static final int LEAST_HITS = 5; // windows of which rules hold, to tell a precision

  private final List<Rule.Passage> drawn;
  private final int all; // windows of the corpus

  private CorpusWindows(List<Rule.Passage> drawn, int all) {
    this.drawn = List.copyOf(drawn);
    this.all = all;
  }

  /** Those of a store that are of documents to test on. Borrows the store. */
  public static CorpusWindows of(FeatureStore store) {
    return of(store.randomWindows(), store.windowCount());
  }

  static CorpusWindows of(List<WindowRow> drawn, int all) {
    return new CorpusWindows(
        drawn.stream()
            .filter(window -> !ExampleSets.isExplained(ExampleSets.document(window)))
            .map(CorpusWindows::passage)
            .toList(),
        all);
  }

  private static Rule.Passage passage(WindowRow window) {
    SampleRow sample =
        new SampleRow(
            0,
            SampleKind.RANDOM,
            -1,
            0,
            window.window(),
            window.firstPosition(),
            0,
            new int[0],
            new float[0],
            0);
    return new Rule.Passage(SampleText.of(sample, Map.of(window.window(), window)).tokens());
  }

  /**
   * Precision and recall in the corpus, as far as they can be told.
   *
   * @return {@code corpus_precision} with the windows of which the rules hold, {@code
   *     corpus_recall} with the active examples that it is from
   */
  List<Measured.Stratum> precisionAndRecall(List<Rule> rules, ExampleSets sets) {
    FeatureRow row = sets.stored().feature();
    if (drawn.isEmpty() || row.bandEdges().length == 0) {
      return List.of();
    }
    double[] active = active(row);
    Map<Integer, int[]> found = new TreeMap<>(); // by band: found, all
    for (Example example : sets.score()) {
      if (example.active()) {
        int band = band(row, example.text().sample().activation());
        int[] counts = found.computeIfAbsent(band, _ -> new int[2]);
        counts[0] += Rule.anyHolds(rules, passage(example.text().window())) ? 1 : 0;
        counts[1]++;
      }
    }
    double hits = 0;
    double covered = 0; // active windows of bands with examples
    for (Map.Entry<Integer, int[]> band : found.entrySet()) {
      double windows = active[band.getKey()];
      hits += windows * band.getValue()[0] / band.getValue()[1];
      covered += windows;
    }
    int examples = found.values().stream().mapToInt(counts -> counts[1]).sum();
    Optional<Double> recall = covered > 0 ? Optional.of(hits / covered) : Optional.empty();
    long held = drawn.stream().filter(window -> Rule.anyHolds(rules, window)).count();
    Optional<Double> precision =
        recall.filter(_ -> held >= LEAST_HITS).map(r -> precision(r, sum(active), held));
    List<Measured.Stratum> told = new ArrayList<>();
    told.add(new Measured.Stratum("corpus_precision", (int) held, precision));
    told.add(new Measured.Stratum("corpus_recall", examples, recall));
    return told;
  }

  private double precision(double recall, double active, long held) {
    return Math.min(1, recall * active / ((double) held / drawn.size() * all));
  }

  /**
   * Windows of each band in which the feature is active: of the band that the threshold is in the
   * share above it, on a logarithmic axis.
   */
  private static double[] active(FeatureRow row) {
    double threshold = ExampleSets.SHARE * row.maximum();
    double[] active = new double[row.bandWindows().length];
    for (int band = 0; band < active.length; band++) {
      double low = row.bandEdges()[band];
      double high = row.bandEdges()[band + 1];
      double share =
          low >= threshold
              ? 1
              : high <= threshold ? 0 : Math.log(high / threshold) / Math.log(high / low);
      active[band] = share * row.bandWindows()[band];
    }
    return active;
  }

  /** The band that has an activation. */
  private static int band(FeatureRow row, float activation) {
    int band = row.bandWindows().length - 1;
    while (band > 0 && (activation < row.bandEdges()[band] || row.bandWindows()[band] == 0)) {
      band--;
    }
    return band;
  }

  private static double sum(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum;
  }
}
