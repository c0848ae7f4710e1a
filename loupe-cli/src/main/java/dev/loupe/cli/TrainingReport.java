package dev.loupe.cli;

import dev.loupe.dictionary.Contract;
import dev.loupe.dictionary.DictionaryFolder;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import dev.loupe.files.Bytes;
import dev.loupe.tensor.Torch;
import dev.loupe.text.Progress;
import dev.loupe.train.Grid;
import dev.loupe.train.Plan;
import dev.loupe.train.Resume;
import dev.loupe.train.SuiteTrainer;
import dev.loupe.train.TrainingSession;
import dev.loupe.train.TrainingSetup;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs a training session, and says how it went. */
public final class TrainingReport {
  private TrainingReport() {}

  /** Trains, with progress; a failure leaves as an exception that says what is kept. */
  static SuiteTrainer.Result train(TrainingSetup setup) {
    return train(setup, Grid.alone());
  }

  private static SuiteTrainer.Result train(TrainingSetup setup, Grid grid) {
    SuiteTrainer.Result result;
    try (ConsoleProgress console = new ConsoleProgress()) {
      Progress progress = grid.isFirst() ? console : Progress.NONE;
      try (TrainingSession session = TrainingSession.open(setup, grid, progress)) {
        Interrupts.willSave();
        result = session.run(progress, Interrupts::requested);
      }
    }
    if (!result.failure().isEmpty()) {
      throw new IllegalStateException(
          result.failure()
              + "; training stopped, and the state before that step is kept in "
              + setup.out().resolve("resume")
              + ". Its batch is in "
              + setup.out().resolve("incidents")
              + "; going on with --on-spike skip leaves it out");
    }
    return result;
  }

  /**
   * Trains and prints what came out, of several ranks at the first; the exit code.
   *
   * @param grid borrowed
   * @param plan of the run, where there is one, to compare with
   */
  static int run(TrainingSetup setup, Grid grid, Optional<Plan> plan, OutputOptions output) {
    boolean finished = setup.resume() != Resume.NO && TrainingSession.isFinished(setup.out());
    SuiteTrainer.Result result = train(setup, grid);
    if (!grid.isFirst()) {
      return 0;
    }
    Suite suite = Suite.open(setup.out());
    long peak = Torch.peakMemoryBytes();
    output.print(json(suite, result, peak, plan), () -> table(suite));
    plan.ifPresent(planned ->
        output.note(
            "Held %s of memory at most, %s planned."
                .formatted(Bytes.text(peak), Bytes.text(planned.peakBytes()))));
    if (finished) {
      output.note(
          "Nothing to do: all %,d steps of %s are done.".formatted(result.steps(), setup.out()));
    } else if (!result.isWhole()) {
      output.note(
          "Stopped after %,d of %,d steps. The dictionaries so far are in %s; the same command with --resume goes on."
              .formatted(result.stepsDone(), result.steps(), setup.out()));
    }
    return 0;
  }

  private static Map<String, Object> json(
      Suite suite, SuiteTrainer.Result result, long peak, Optional<Plan> plan) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("suite", suite.directory().toString());
    json.put("steps", result.steps());
    json.put("steps_done", result.stepsDone());
    json.put("peak_bytes", peak);
    plan.ifPresent(planned -> json.put("planned_peak_bytes", planned.peakBytes()));
    json.put("dictionaries", suite.names());
    return json;
  }

  /** What the dictionaries of a suite are expected to give, for people. */
  public static String table(Suite suite) {
    TextTable table =
        new TextTable(List.of("dictionary", "L0", "explained variance", "mean norm", "threshold"));
    for (DictionaryName name : suite.names()) {
      Contract contract = DictionaryFolder.readContract(suite.folder(name));
      contract
          .expected()
          .ifPresent(found ->
              table.row(
                  name.toString(),
                  "%.2f".formatted(found.l0()),
                  "%.4f".formatted(found.explainedVariance()),
                  "%.3f".formatted(found.meanNormOut()),
                  contract.gate().label()));
    }
    return table.toString();
  }
}
