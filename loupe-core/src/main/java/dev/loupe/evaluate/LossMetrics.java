package dev.loupe.evaluate;

import dev.loupe.model.Hook;
import java.util.Map;
import java.util.TreeMap;

/** From sums of losses to the metrics of a report. Borrows everything. */
final class LossMetrics {
  static final String ZERO = "zero";
  static final String MEAN = "mean";
  static final String ZERO_EVERYWHERE = "zero_everywhere";

  private final DocumentSums totals;
  private final Resamples resamples;
  private final Series original;
  private final Series originalByTarget;
  private final Map<Hook, Ablated> ablated = new TreeMap<>();

  private record Ablated(Series zero, Series mean, Series zeroEverywhere) {}

  LossMetrics(DocumentSums totals, Resamples resamples) {
    this.totals = totals;
    this.resamples = resamples;
    this.original = LossSums.ORIGINAL.byPair(totals, resamples);
    this.originalByTarget = LossSums.ORIGINAL.byTarget(totals, resamples);
  }

  private Ablated ablated(Hook hook) {
    return new Ablated(mean(hook, ZERO), mean(hook, MEAN), mean(hook, ZERO_EVERYWHERE));
  }

  private Series mean(Hook hook, String how) {
    return LossSums.ablated(hook, how).byPair(totals, resamples);
  }

  /** Adds the metrics of a dictionary to its report. */
  void describe(SubjectLabel label, Map<String, Metric> report) {
    long pairs = LossSums.pairs(totals);
    LossSums sums = LossSums.spliced(label.name());
    Series spliced = sums.byPair(totals, resamples);
    Ablated of = ablated.computeIfAbsent(label.hookOut(), this::ablated);
    report.put("loss_original", original.metric(pairs));
    report.put("loss_spliced", spliced.metric(pairs));
    report.put("loss_zero", of.zero().metric(pairs));
    report.put("loss_mean", of.mean().metric(pairs));
    report.put("delta_loss", spliced.minus(original).metric(pairs));
    report.put(
        "delta_loss_target_mask",
        sums.byTarget(totals, resamples).minus(originalByTarget).metric(LossSums.targets(totals)));
    report.put("loss_recovered", recovered(original, spliced, of.zero(), pairs));
    report.put(
        "loss_recovered_all_positions", recovered(original, spliced, of.zeroEverywhere(), pairs));
    report.put("kl", sums.kl(totals, resamples).metric(LossSums.inputs(totals)));
  }

  /** (zero − spliced) / (zero − original); nothing where the denominator may be zero. */
  static Metric recovered(Series original, Series spliced, Series zero, long tokens) {
    Series room = zero.minus(original);
    if (room.metric(tokens).mayBeZero()) {
      return Metric.none(tokens);
    }
    return zero.minus(spliced).over(room).metric(tokens);
  }
}
