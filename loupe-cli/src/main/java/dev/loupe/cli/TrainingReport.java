package dev.loupe.cli;

import dev.loupe.dictionary.Contract;
import dev.loupe.dictionary.DictionaryFolder;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import dev.loupe.train.Resume;
import dev.loupe.train.SuiteTrainer;
import dev.loupe.train.TrainingSession;
import dev.loupe.train.TrainingSetup;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs a training session, and says how it went. */
final class TrainingReport {
  private TrainingReport() {}

  /** Trains, with progress; a failure leaves as an exception that says what is kept. */
  static SuiteTrainer.Result train(TrainingSetup setup) {
    SuiteTrainer.Result result;
    try (ConsoleProgress progress = new ConsoleProgress();
        TrainingSession session = TrainingSession.open(setup, progress)) {
      Interrupts.willSave();
      result = session.run(progress, Interrupts::requested);
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

  /** Trains and prints what came out; the exit code. */
  static int run(TrainingSetup setup, OutputOptions output) {
    boolean finished = setup.resume() != Resume.NO && TrainingSession.isFinished(setup.out());
    SuiteTrainer.Result result = train(setup);
    Suite suite = Suite.open(setup.out());
    output.print(json(suite, result), () -> table(suite));
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

  private static Map<String, Object> json(Suite suite, SuiteTrainer.Result result) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("suite", suite.directory().toString());
    json.put("steps", result.steps());
    json.put("steps_done", result.stepsDone());
    json.put("dictionaries", suite.names());
    return json;
  }

  private static String table(Suite suite) {
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
