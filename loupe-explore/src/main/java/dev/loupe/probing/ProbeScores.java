package dev.loupe.probing;

import dev.loupe.evaluate.Resamples;
import dev.loupe.evaluate.Series;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * Accuracy and F1 = 2 TP / (predicted + positive) of probes on the test documents of their tasks,
 * with intervals over resampled test documents: the same for all probes, so that a mean over tasks
 * is resampled as one. Borrows the resamples.
 */
final class ProbeScores {
  private final List<Task> tasks;
  private final int[] places; // of each document among the test documents, or -1
  private final Resamples resamples;
  private final List<Series> sizes; // documents of each task, then its positives

  /**
   * @param isTest whether a document is held out // [documents]
   * @param resamples of the held-out documents, in their order
   */
  ProbeScores(List<Task> tasks, boolean[] isTest, Resamples resamples) {
    this.tasks = tasks;
    this.resamples = resamples;
    this.places = new int[isTest.length];
    int next = 0;
    for (int d = 0; d < places.length; d++) {
      places[d] = isTest[d] ? next++ : -1;
    }
    if (next != resamples.documents()) {
      throw new IllegalArgumentException(
          "expected resamples of %d test documents, got %d".formatted(next, resamples.documents()));
    }
    List<double[]> sums = new ArrayList<>();
    for (Task task : tasks) {
      double[] all = new double[next];
      double[] positives = new double[next];
      for (int i = 0; i < task.test().length; i++) {
        all[places[task.test()[i]]] = 1;
        positives[places[task.test()[i]]] = task.testLabels()[i] ? 1 : 0;
      }
      sums.addAll(List.of(all, positives));
    }
    this.sizes = resamples.series(sums);
  }

  /** The scores of a probe for each task, in their order. */
  ProbingReport.Probes of(List<TaskProbe> probes) {
    List<double[]> sums = new ArrayList<>();
    for (int i = 0; i < tasks.size(); i++) {
      sums.addAll(sums(tasks.get(i), probes.get(i).predicted()));
    }
    List<Series> found = resamples.series(sums);
    SequencedMap<String, ProbingReport.TaskScore> scores = new LinkedHashMap<>();
    List<Series> accuracies = new ArrayList<>();
    List<Series> f1s = new ArrayList<>();
    for (int i = 0; i < tasks.size(); i++) {
      Series accuracy = found.get(3 * i).over(sizes.get(2 * i));
      Series chosen = found.get(3 * i + 2).plus(sizes.get(2 * i + 1));
      Series f1 = found.get(3 * i + 1).plus(found.get(3 * i + 1)).over(chosen);
      accuracies.add(accuracy);
      f1s.add(f1);
      TaskProbe probe = probes.get(i);
      scores.put(
          tasks.get(i).category(),
          new ProbingReport.TaskScore(
              Score.of(accuracy),
              Score.of(f1),
              Arrays.stream(probe.columns()).boxed().toList(),
              probe.penalty()));
    }
    return new ProbingReport.Probes(mean(accuracies), mean(f1s), scores);
  }

  /** For each test document whether the probe is right, finds one, says one. */
  private List<double[]> sums(Task task, boolean[] predicted) {
    double[] right = new double[resamples.documents()];
    double[] truePositives = new double[right.length];
    double[] positives = new double[right.length];
    for (int i = 0; i < predicted.length; i++) {
      int place = places[task.test()[i]];
      right[place] = predicted[i] == task.testLabels()[i] ? 1 : 0;
      truePositives[place] = predicted[i] && task.testLabels()[i] ? 1 : 0;
      positives[place] = predicted[i] ? 1 : 0;
    }
    return List.of(right, truePositives, positives);
  }

  private static Score mean(List<Series> series) {
    Series sum = series.stream().reduce(Series::plus).orElseThrow();
    return Score.of(sum.over(series.size()));
  }
}
