package dev.loupe.evaluate;

import dev.loupe.model.Hook;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Team;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** Everything that follows from activations alone, for all dictionaries. Owns its counters. */
final class RatePass implements AutoCloseable {
  private final List<Subject> subjects;
  private final List<RateSums> rates = new ArrayList<>();

  RatePass(List<Subject> subjects) {
    this.subjects = subjects;
    subjects.forEach(subject -> rates.add(new RateSums(subject)));
  }

  /** What the dictionaries read and write. */
  Set<Hook> hooks() {
    Set<Hook> hooks = new TreeSet<>();
    subjects.forEach(subject -> hooks.addAll(List.of(subject.hookIn(), subject.hookOut())));
    return hooks;
  }

  /** The sums of a group; the caller closes them. */
  GroupSums measure(TokenGroup group) {
    GroupSums to = GroupSums.of(group.documents());
    try {
      int[] rows = to.sums().rows(group.documents());
      hooks().forEach(hook -> addNorms(to.sums().column(norms(hook)), group.at(hook), rows));
      Map<Hook, TargetSums.Targets> targets = new TreeMap<>();
      for (Subject subject : subjects) {
        targets.computeIfAbsent(
            subject.hookOut(), hook -> TargetSums.measure(hook, group.at(hook), rows, to));
      }
      Team.forEach(
          IntStream.range(0, subjects.size()).boxed().toList(),
          i -> {
            Hook out = subjects.get(i).hookOut();
            Tensor in = group.at(subjects.get(i).hookIn());
            rates.get(i).add(in, group.at(out), targets.get(out), rows, group.start(), to.sums());
          });
      return to;
    } catch (RuntimeException | Error e) {
      to.close();
      throw e;
    }
  }

  /** Column of Σ‖x‖. */
  private static String norms(Hook hook) {
    return "norms." + hook;
  }

  private static void addNorms(double[] sums, Tensor x, int[] rows) {
    try (TensorScope _ = TensorScope.open()) {
      double[] squares = TargetSums.rowSquares(x.to(DType.F64));
      for (int token = 0; token < rows.length; token++) {
        sums[rows[token]] += Math.sqrt(squares[token]);
      }
    }
  }

  /** Of all groups so far, for each dictionary by its name. */
  Map<String, Firings> firings() {
    Map<String, Firings> firings = new LinkedHashMap<>();
    for (int i = 0; i < subjects.size(); i++) {
      firings.put(subjects.get(i).name(), rates.get(i).firings());
    }
    return firings;
  }

  /** Adds the mean norms of what a dictionary reads and writes to its report. */
  static void describeNorms(
      SubjectLabel label, Map<String, Metric> report, DocumentSums totals, Resamples resamples) {
    List<Series> sums =
        resamples.series(
            List.of(
                totals.sums(GroupSums.TOKENS),
                totals.sums(norms(label.hookIn())),
                totals.sums(norms(label.hookOut()))));
    long count = (long) sums.getFirst().values()[0];
    report.put("mean_norm_in", sums.get(1).over(sums.getFirst()).metric(count));
    report.put("mean_norm_out", sums.get(2).over(sums.getFirst()).metric(count));
  }

  @Override
  public void close() {
    rates.forEach(RateSums::close);
  }
}
