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
 * Sums by document of what one dictionary gives for rows of activations. Borrows the dictionary,
 * owns its counters.
 */
final class RateSums implements AutoCloseable {
  private final Dictionary dictionary;
  private final Device device;
  private final FiringCounts firing;
  private final double[] tokens; // all by document
  private final double[] active;
  private final double[] errors; // Σ‖x − x̂‖²
  private final double[] explained; // Σ 1 − ‖x − x̂‖² / ‖x‖²
  private final double[] explainedLegacy; // Σ 1 − ‖x − x̂‖² / ‖x − x̄‖², x̄ of the group
  private final double[] legacyTokens;

  RateSums(Dictionary dictionary, int documents) {
    this.dictionary = dictionary;
    this.device = dictionary.weights().encoder().device();
    this.firing = new FiringCounts(dictionary.features(), device);
    this.tokens = new double[documents];
    this.active = new double[documents];
    this.errors = new double[documents];
    this.explained = new double[documents];
    this.explainedLegacy = new double[documents];
    this.legacyTokens = new double[documents];
  }

  /**
   * Adds the next group of tokens.
   *
   * @param in what the dictionary reads, [n, D in]
   * @param out what it should give, [n, D out]
   */
  void add(Tensor in, Tensor out, TargetSums.Targets targets, int[] documents) {
    try (TensorScope _ = TensorScope.open();
        Codes codes = dictionary.encode(in.to(device))) {
      Tensor x = out.to(device).to(DType.F64);
      double[] error =
          TargetSums.rowSquares(Arithmetic.subtract(x, dictionary.decode(codes).to(DType.F64)));
      int[] offsets = codes.offsets().ints();
      boolean centred = documents.length > 1; // one token is its own mean
      for (int token = 0; token < documents.length; token++) {
        int document = documents[token];
        tokens[document]++;
        active[document] += offsets[token + 1] - offsets[token];
        errors[document] += error[token];
        explained[document] += explained(error[token], targets.squares()[token]);
        if (centred) {
          legacyTokens[document]++;
          explainedLegacy[document] += explained(error[token], targets.centred()[token]);
        }
      }
      firing.add(codes, offsets);
    }
  }

  /** 1 − error / variance; nothing is explained of a target without any. */
  private static double explained(double error, double variance) {
    return variance > 0 ? 1 - error / variance : 0;
  }

  /**
   * Adds the metrics to a report.
   *
   * @param centredSquares Σ‖x − x̄‖² of the targets
   */
  void describe(Map<String, Metric> report, Resamples resamples, Series centredSquares) {
    List<Series> sums =
        resamples.series(List.of(tokens, active, errors, explained, explainedLegacy, legacyTokens));
    Series n = sums.get(0);
    long count = (long) n.values()[0];
    Series error = sums.get(2);
    report.put("l0", sums.get(1).over(n).metric(count));
    report.put("explained_variance", sums.get(3).over(n).metric(count));
    report.put("explained_variance_centred", error.over(centredSquares).complement().metric(count));
    report.put(
        "explained_variance_legacy",
        sums.get(4).over(sums.get(5)).metric((long) sums.get(5).values()[0]));
    report.put("mse", error.over(n).over((double) dictionary.weights().outputSize()).metric(count));
    report.put("dead_fraction", firing.deadFraction());
    report.put("ultra_active_fraction", firing.ultraActiveFraction());
  }

  @Override
  public void close() {
    firing.close();
  }
}
