package dev.loupe.probing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loupe.evaluate.Resamples;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.SeededRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Probes of tables in which what can be known is planted. */
@ExtendWith(LeakCheck.class)
final class PlantedProbesTest {
  private static final int TRAIN = 200;
  private static final int DOCUMENTS = 300;
  private static final int WIDTH = 40;

  /** The first documents train, the others test; every other one is in the category. */
  private static Task task(String category, boolean[] labels) {
    int[] train = IntStream.range(0, TRAIN).toArray();
    int[] test = IntStream.range(TRAIN, DOCUMENTS).toArray();
    return new Task(
        category,
        train,
        Arrays.copyOf(labels, TRAIN),
        test,
        Arrays.copyOfRange(labels, TRAIN, DOCUMENTS));
  }

  private static boolean[] alternating() {
    boolean[] labels = new boolean[DOCUMENTS];
    for (int d = 0; d < DOCUMENTS; d++) {
      labels[d] = d % 2 == 0;
    }
    return labels;
  }

  private static float[][] noise(long seed) {
    SeededRandom random = new SeededRandom(seed, "table");
    float[][] values = new float[DOCUMENTS][WIDTH];
    for (int d = 0; d < DOCUMENTS; d++) {
      for (int f = 0; f < WIDTH; f++) {
        double value = random.normal((long) d * WIDTH + f);
        values[d][f] = (float) Math.max(0, value);
      }
    }
    return values;
  }

  private static SparseTable sparse(float[][] values) {
    int[][] columns = new int[values.length][];
    float[][] some = new float[values.length][];
    for (int d = 0; d < values.length; d++) {
      float[] row = values[d];
      columns[d] = IntStream.range(0, row.length).filter(f -> row[f] != 0).toArray();
      some[d] = new float[columns[d].length];
      for (int i = 0; i < some[d].length; i++) {
        some[d][i] = row[columns[d][i]];
      }
    }
    return new SparseTable(columns, some, values[0].length);
  }

  private static DenseTable dense(float[][] values) {
    float[] all = new float[values.length * values[0].length];
    for (int d = 0; d < values.length; d++) {
      System.arraycopy(values[d], 0, all, d * values[0].length, values[0].length);
    }
    return new DenseTable(all, values[0].length);
  }

  private static ProbingReport.Probes scores(List<Task> tasks, List<TaskProbe> probes) {
    boolean[] isTest = new boolean[DOCUMENTS];
    Arrays.fill(isTest, TRAIN, DOCUMENTS, true);
    try (Resamples resamples = Resamples.draw(DOCUMENTS - TRAIN, 500, 0, "test")) {
      return new ProbeScores(tasks, isTest, resamples).of(probes);
    }
  }

  @Test
  void aFeatureThatIsTheLabelIsAlwaysRight() {
    float[][] values = noise(1);
    boolean[] labels = alternating();
    for (int d = 0; d < DOCUMENTS; d++) {
      values[d][17] = labels[d] ? 3 : 0;
    }
    Task task = task("planted", labels);
    for (Table table : List.of(sparse(values), dense(values))) {
      List<TaskProbe> probes = TaskProbe.sparse(table, task, List.of(1, 5));
      for (TaskProbe probe : probes) {
        ProbingReport.Probes scores = scores(List.of(task), List.of(probe));
        assertThat(scores.accuracy()).isEqualTo(new Score(1, 1, 1));
        assertThat(scores.f1()).isEqualTo(new Score(1, 1, 1));
        assertThat(scores.tasks().get("planted").columns().getFirst()).isEqualTo(17);
      }
    }
  }

  @Test
  void aFeatureThatIsSilentOnTheCategoryIsChosenToo() {
    float[][] values = noise(2);
    boolean[] labels = alternating();
    for (int d = 0; d < DOCUMENTS; d++) {
      values[d][3] = labels[d] ? 0 : 3;
    }
    Task task = task("silent", labels);
    TaskProbe probe = TaskProbe.sparse(sparse(values), task, List.of(1)).getFirst();
    assertThat(probe.columns()).containsExactly(3);
    assertThat(probe.predicted()).isEqualTo(task.testLabels());
  }

  @Test
  void randomLabelsAreGuessedHalfTheTime() {
    List<Task> tasks = new ArrayList<>();
    List<TaskProbe> one = new ArrayList<>();
    List<TaskProbe> dense = new ArrayList<>();
    DenseTable table = dense(noise(3));
    for (int i = 0; i < 12; i++) {
      SeededRandom random = new SeededRandom(i, "labels");
      boolean[] labels = new boolean[DOCUMENTS];
      for (int d = 0; d < DOCUMENTS; d++) {
        labels[d] = random.uniform(d) < 0.5;
      }
      tasks.add(task("random " + i, labels));
      one.add(TaskProbe.sparse(table, tasks.getLast(), List.of(1)).getFirst());
      dense.add(TaskProbe.dense(table, tasks.getLast()));
    }
    for (List<TaskProbe> probes : List.of(one, dense)) {
      Score accuracy = scores(tasks, probes).accuracy();
      assertThat(accuracy.low()).isLessThan(0.5);
      assertThat(accuracy.high()).isGreaterThan(0.5);
      assertThat(accuracy.high() - accuracy.low()).isLessThan(0.1);
    }
  }

  @Test
  void columnsAreChosenOnTrainingDocumentsAlone() {
    float[][] values = noise(4);
    boolean[] labels = alternating();
    Task task = task("leak", labels);
    int[] before = TaskProbe.sparse(sparse(values), task, List.of(5)).getFirst().columns();
    int leak =
        IntStream.range(0, WIDTH).filter(f -> !contains(before, f)).findFirst().orElseThrow();
    for (int d = TRAIN; d < DOCUMENTS; d++) {
      values[d][leak] = labels[d] ? 1_000 : 0; // says all of the test, nothing of the training
    }
    TaskProbe probe = TaskProbe.sparse(sparse(values), task, List.of(5)).getFirst();
    assertThat(probe.columns()).containsExactly(before);
    assertThat(scores(List.of(task), List.of(probe)).accuracy().value()).isLessThan(0.7);
  }

  private static boolean contains(int[] list, int value) {
    return Arrays.stream(list).anyMatch(each -> each == value);
  }

  @Test
  void scoresAreCounted() {
    boolean[] labels = alternating();
    Task task = task("counted", labels);
    boolean[] predicted = task.testLabels().clone();
    for (int i = 0; i < 30; i++) {
      predicted[2 * i] = false; // 30 of 50 positives are missed
    }
    for (int i = 0; i < 10; i++) {
      predicted[2 * i + 1] = true; // 10 false alarms
    }
    ProbingReport.TaskScore score =
        scores(List.of(task), List.of(new TaskProbe(new int[] {4}, 1, predicted)))
            .tasks()
            .get("counted");
    assertThat(score.accuracy().value()).isEqualTo(0.6);
    assertThat(score.f1().value()).isEqualTo(2.0 * 20 / (30 + 50));
    assertThat(score.accuracy().low()).isBetween(0.45, 0.55);
    assertThat(score.accuracy().high()).isBetween(0.65, 0.75);
  }

  @Test
  void sparseAndDenseTablesAreAlike() {
    float[][] values = noise(5);
    Task task = task("alike", alternating());
    double[] dense = dense(values).meanDifferences(task.train(), task.trainLabels());
    assertThat(sparse(values).meanDifferences(task.train(), task.trainLabels())).isEqualTo(dense);
    double expected = 0;
    for (int d = 0; d < TRAIN; d++) {
      expected += (d % 2 == 0 ? 1 : -1) * values[d][9] / (TRAIN / 2.0);
    }
    assertThat(dense[9]).isCloseTo(expected, org.assertj.core.api.Assertions.within(1e-12));
    int[] rows = {5, 250, 5};
    int[] columns = {9, 0};
    assertThat(sparse(values).pick(rows, columns).values())
        .isEqualTo(dense(values).pick(rows, columns).values())
        .containsExactly(
            values[5][9], values[5][0], values[250][9], values[250][0], values[5][9], values[5][0]);
  }
}
