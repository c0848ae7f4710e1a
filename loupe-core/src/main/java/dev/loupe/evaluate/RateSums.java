package dev.loupe.evaluate;

import dev.loupe.dictionary.Codes;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import java.util.List;
import java.util.Map;

/**
 * Sums what one dictionary gives for rows of activations. Borrows the dictionary, owns its
 * counters.
 */
final class RateSums implements AutoCloseable {
  private static final String ACTIVE = "active";
  private static final String ERRORS = "errors"; // Σ‖x − x̂‖²
  private static final String EXPLAINED = "explained"; // Σ 1 − ‖x − x̂‖² / ‖x‖²
  private static final String LEGACY = "legacy"; // Σ 1 − ‖x − x̂‖² / ‖x − x̄‖², x̄ of the group

  private final SubjectLabel label;
  private final Dictionary dictionary;
  private final Device device;
  private final FiringCounts firing;

  RateSums(Subject subject) {
    this.label = subject.label();
    this.dictionary = subject.dictionary();
    this.device = dictionary.weights().encoder().device();
    this.firing = new FiringCounts(dictionary.features(), device);
  }

  /**
   * Adds a group of tokens.
   *
   * @param in what the dictionary reads, [n, D in]
   * @param out what it should give, [n, D out]
   * @param rows of the tokens' documents in the sums
   * @param start tokens of the whole corpus before them
   */
  void add(
      Tensor in, Tensor out, TargetSums.Targets targets, int[] rows, long start, DocumentSums to) {
    double[] active = to.column(label.column(ACTIVE));
    double[] errors = to.column(label.column(ERRORS));
    double[] explained = to.column(label.column(EXPLAINED));
    double[] legacy = to.column(label.column(LEGACY));
    try (TensorScope _ = TensorScope.open();
        Codes codes = dictionary.encode(in.to(device))) {
      Tensor x = out.to(device).to(DType.F64);
      double[] error =
          TargetSums.rowSquares(Arithmetic.subtract(x, dictionary.decode(codes).to(DType.F64)));
      int[] offsets = codes.offsets().ints();
      for (int token = 0; token < rows.length; token++) {
        int row = rows[token];
        active[row] += offsets[token + 1] - offsets[token];
        errors[row] += error[token];
        explained[row] += explained(error[token], targets.squares()[token]);
        legacy[row] += rows.length > 1 ? explained(error[token], targets.centred()[token]) : 0;
      }
      firing.add(codes, offsets, start);
    }
  }

  /** 1 − error / variance; nothing is explained of a target without any. */
  private static double explained(double error, double variance) {
    return variance > 0 ? 1 - error / variance : 0;
  }

  /** Of all tokens so far. */
  Firings firings() {
    return firing.firings();
  }

  /**
   * Adds the metrics to a report.
   *
   * @param centredSquares Σ‖x − x̄‖² of the targets
   */
  static void describe(
      SubjectLabel label,
      Map<String, Metric> report,
      DocumentSums totals,
      Firings firings,
      Resamples resamples,
      Series centredSquares) {
    List<Series> sums =
        resamples.series(
            List.of(
                totals.sums(GroupSums.TOKENS),
                totals.sums(label.column(ACTIVE)),
                totals.sums(label.column(ERRORS)),
                totals.sums(label.column(EXPLAINED)),
                totals.sums(label.column(LEGACY)),
                totals.sums(GroupSums.LEGACY_TOKENS)));
    Series n = sums.get(0);
    long count = (long) n.values()[0];
    Series error = sums.get(2);
    report.put("l0", sums.get(1).over(n).metric(count));
    report.put("explained_variance", sums.get(3).over(n).metric(count));
    report.put("explained_variance_centred", error.over(centredSquares).complement().metric(count));
    report.put(
        "explained_variance_legacy",
        sums.get(4).over(sums.get(5)).metric((long) sums.get(5).values()[0]));
    report.put("mse", error.over(n).over((double) label.outputSize()).metric(count));
    report.put("dead_fraction", firings.deadFraction(count));
    report.put("ultra_active_fraction", firings.ultraActiveFraction(count));
  }

  @Override
  public void close() {
    firing.close();
  }
}
