package dev.loupe.probing;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A probe of one task and what it says of the test documents.
 *
 * @param columns that it reads, the first chosen first; empty where it reads all
 * @param penalty that was chosen for it
 * @param predicted for each test document
 */
@SuppressWarnings("ArrayRecordComponent") // a plain carrier; never compared
record TaskProbe(int[] columns, double penalty, boolean[] predicted) {
  /** Of the first k of the columns, for each k in the order given; chosen on training documents. */
  static List<TaskProbe> sparse(Table table, Task task, List<Integer> ks) {
    double[] differences = table.meanDifferences(task.train(), task.trainLabels());
    int[] chosen = MeanDifference.either(differences, Collections.max(ks));
    return ks.stream().map(k -> fit(table, task, Arrays.copyOf(chosen, k))).toList();
  }

  /** Of all columns. */
  static TaskProbe dense(DenseTable table, Task task) {
    TaskProbe probe = fit(table, task, IntStream.range(0, table.width()).toArray());
    return new TaskProbe(new int[0], probe.penalty, probe.predicted);
  }

  private static TaskProbe fit(Table table, Task task, int[] columns) {
    LinearProbe probe = LinearProbe.fit(table.pick(task.train(), columns), task.trainLabels());
    boolean[] predicted = probe.predict(table.pick(task.test(), columns));
    return new TaskProbe(columns, probe.penalty(), predicted);
  }
}
