package dev.loupe.interpret;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * How well a judge tells active from silent by an explanation. Items without an answer are in
 * neither number.
 *
 * @param balancedAccuracy mean of the share of the active and of the share of the silent that are
 *     recognised; its interval joins Wilson's of both (Newcombe's square-and-add)
 * @param auc that an active item has a larger probability than a silent one, ties half; its
 *     interval from 1,000 resamples of both
 * @param positives answered items that are active
 * @param negatives answered items that are not
 * @param failed items without an answer of use
 */
public record BinaryScore(
    Interval balancedAccuracy,
    Interval auc,
    int positives,
    int negatives,
    int failed,
    List<Stratum> strata) {
  /**
   * Items of one kind.
   *
   * @param correct share that the judge has right, with Wilson's interval
   * @param items answered
   */
  public record Stratum(String name, boolean active, Interval correct, int items) {}

  public BinaryScore {
    strata = List.copyOf(strata);
  }

  static BinaryScore of(List<Verdict> verdicts, int failed, long seed) {
    List<Verdict> positives = verdicts.stream().filter(Verdict::active).toList();
    List<Verdict> negatives = verdicts.stream().filter(verdict -> !verdict.active()).toList();
    return new BinaryScore(
        Numbers.meanOfShares(
            correct(positives), positives.size(), correct(negatives), negatives.size()),
        Numbers.auc(probabilities(positives), probabilities(negatives), seed),
        positives.size(),
        negatives.size(),
        failed,
        strata(verdicts));
  }

  /** As it is kept: the balanced accuracy, with the area under the curve among the strata. */
  Measured measured() {
    if (Double.isNaN(balancedAccuracy.value())) {
      return Measured.unknown(RuleScorer.MEASURE, positives, negatives, failed);
    }
    List<Measured.Stratum> kinds = new ArrayList<>();
    kinds.add(new Measured.Stratum("auc", positives + negatives, Optional.of(auc.value())));
    strata.forEach(kind ->
        kinds.add(
            new Measured.Stratum(kind.name(), kind.items(), Optional.of(kind.correct().value()))));
    return new Measured(
        RuleScorer.MEASURE, balancedAccuracy.kept(), positives, negatives, failed, kinds);
  }

  private static List<Stratum> strata(List<Verdict> verdicts) {
    Map<String, List<Verdict>> byName =
        verdicts.stream()
            .collect(Collectors.groupingBy(Verdict::stratum, TreeMap::new, Collectors.toList()));
    return byName.entrySet().stream()
        .map(entry ->
            new Stratum(
                entry.getKey(),
                entry.getValue().getFirst().active(),
                Numbers.share(correct(entry.getValue()), entry.getValue().size()),
                entry.getValue().size()))
        .toList();
  }

  private static int correct(List<Verdict> verdicts) {
    return (int) verdicts.stream().filter(Verdict::correct).count();
  }

  private static double[] probabilities(List<Verdict> verdicts) {
    return verdicts.stream().mapToDouble(Verdict::probability).toArray();
  }
}
