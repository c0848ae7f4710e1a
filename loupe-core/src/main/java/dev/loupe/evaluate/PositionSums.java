package dev.loupe.evaluate;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/** Sums by position range and document of one dictionary, and what follows from them. */
final class PositionSums {
  private final int size; // of a token's activation
  private final double[][] tokens; // [ranges][documents]
  private final double[][] active;
  private final double[][] errors; // Σ‖x − x̂‖²
  private final double[][] explained; // Σ 1 − ‖x − x̂‖² / ‖x‖²
  private final double[][] pairs; // tokens whose next one counts
  private final double[][] losses;

  PositionSums(int ranges, int documents, int size) {
    this.size = size;
    this.tokens = new double[ranges][documents];
    this.active = new double[ranges][documents];
    this.errors = new double[ranges][documents];
    this.explained = new double[ranges][documents];
    this.pairs = new double[ranges][documents];
    this.losses = new double[ranges][documents];
  }

  void add(int range, int document, int features, double error, double square) {
    tokens[range][document]++;
    active[range][document] += features;
    errors[range][document] += error;
    explained[range][document] += square > 0 ? 1 - error / square : 0;
  }

  void addLoss(int range, int document, double loss) {
    pairs[range][document]++;
    losses[range][document] += loss;
  }

  /** Sums over some ranges, on all documents and on each resample of them. */
  private record Totals(
      Series tokens, Series active, Series errors, Series explained, Series pairs, Series losses) {}

  private Totals totals(Resamples resamples, int from, int to) {
    List<Series> all =
        resamples.series(
            List.of(
                over(tokens, from, to),
                over(active, from, to),
                over(errors, from, to),
                over(explained, from, to),
                over(pairs, from, to),
                over(losses, from, to)));
    return new Totals(all.get(0), all.get(1), all.get(2), all.get(3), all.get(4), all.get(5));
  }

  private static double[] over(double[][] sums, int from, int to) {
    return IntStream.range(0, sums[from].length)
        .mapToDouble(
            document -> IntStream.range(from, to).mapToDouble(r -> sums[r][document]).sum())
        .toArray();
  }

  /**
   * The metrics of some ranges.
   *
   * @param original sums of the untouched model
   * @param inside how many of the first ranges are inside the training context
   */
  SequencedMap<String, Metric> metrics(
      Resamples resamples, PositionSums original, int from, int to, int inside) {
    Totals here = totals(resamples, from, to);
    Totals before = totals(resamples, 0, inside);
    Totals untouched = original.totals(resamples, from, to);
    long count = (long) here.tokens().values()[0];
    long counted = (long) here.pairs().values()[0];
    Series error = here.errors().over(here.tokens());
    Series loss = here.losses().over(here.pairs());
    Series originalLoss = untouched.losses().over(untouched.pairs());
    SequencedMap<String, Metric> metrics = new LinkedHashMap<>();
    metrics.put("l0", here.active().over(here.tokens()).metric(count));
    metrics.put("explained_variance", here.explained().over(here.tokens()).metric(count));
    metrics.put("mse", error.over((double) size).metric(count));
    metrics.put("mse_ratio", error.over(before.errors().over(before.tokens())).metric(count));
    metrics.put("loss_original", originalLoss.metric(counted));
    metrics.put("loss_spliced", loss.metric(counted));
    metrics.put("delta_loss", loss.minus(originalLoss).metric(counted));
    return metrics;
  }
}
