package dev.loupe.evaluate;

import dev.loupe.model.Hook;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Team;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** Everything that follows from activations alone, for all dictionaries. Owns its sums. */
final class RatePass implements AutoCloseable {
  private final List<Subject> subjects;
  private final Resamples resamples;
  private final Map<Hook, TargetSums> targets = new TreeMap<>();
  private final Map<Hook, double[]> norms = new TreeMap<>(); // Σ‖x‖ by document
  private final double[] tokens;
  private final List<RateSums> rates = new ArrayList<>();

  RatePass(List<Subject> subjects, Resamples resamples) {
    this.subjects = subjects;
    this.resamples = resamples;
    this.tokens = new double[resamples.documents()];
    for (Subject subject : subjects) {
      rates.add(new RateSums(subject.dictionary(), resamples.documents()));
      targets.computeIfAbsent(
          subject.hookOut(),
          _ -> new TargetSums(resamples, subject.dictionary().weights().outputSize()));
    }
    hooks().forEach(hook -> norms.put(hook, new double[resamples.documents()]));
  }

  /** What the dictionaries read and write. */
  Set<Hook> hooks() {
    Set<Hook> hooks = new TreeSet<>();
    subjects.forEach(subject -> hooks.addAll(List.of(subject.hookIn(), subject.hookOut())));
    return hooks;
  }

  void add(TokenGroup group) {
    for (int document : group.documents()) {
      tokens[document]++;
    }
    norms.forEach((hook, sums) -> addNorms(sums, group.at(hook), group.documents()));
    Map<Hook, TargetSums.Targets> found = new TreeMap<>();
    targets.forEach((hook, sums) -> found.put(hook, sums.add(group.at(hook), group.documents())));
    Team.forEach(
        IntStream.range(0, subjects.size()).boxed().toList(),
        i -> {
          Hook out = subjects.get(i).hookOut();
          Tensor in = group.at(subjects.get(i).hookIn());
          rates.get(i).add(in, group.at(out), found.get(out), group.documents());
        });
  }

  private static void addNorms(double[] sums, Tensor rows, int[] documents) {
    try (TensorScope _ = TensorScope.open()) {
      double[] squares = TargetSums.rowSquares(rows.to(DType.F64));
      for (int token = 0; token < documents.length; token++) {
        sums[documents[token]] += Math.sqrt(squares[token]);
      }
    }
  }

  /** Adds the metrics of each dictionary to its report. */
  void describe(List<Map<String, Metric>> reports) {
    Map<Hook, Series> centred = new TreeMap<>();
    targets.forEach((hook, sums) -> centred.put(hook, sums.centredSquares()));
    for (int i = 0; i < reports.size(); i++) {
      Subject subject = subjects.get(i);
      rates.get(i).describe(reports.get(i), resamples, centred.get(subject.hookOut()));
      List<Series> sums =
          resamples.series(
              List.of(tokens, norms.get(subject.hookIn()), norms.get(subject.hookOut())));
      long count = (long) sums.getFirst().values()[0];
      reports.get(i).put("mean_norm_in", sums.get(1).over(sums.getFirst()).metric(count));
      reports.get(i).put("mean_norm_out", sums.get(2).over(sums.getFirst()).metric(count));
    }
  }

  @Override
  public void close() {
    targets.values().forEach(TargetSums::close);
    rates.forEach(RateSums::close);
  }
}
