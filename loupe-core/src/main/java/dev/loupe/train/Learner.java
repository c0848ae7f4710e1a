package dev.loupe.train;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.activation.Activations;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One dictionary of a run: its step, its log, and what has become of its updates. Owns the step.
 */
final class Learner implements AutoCloseable {
  /** Skips in a row after which the loss is no spike: the dictionary has diverged. */
  static final int MAX_SKIPS = 10;

  /** Tokens after which a feature that has not fired counts as dead (paper, section 4.4). */
  private static final long DEAD_AFTER = 100_000;

  private final DictionaryName name;
  private final Schedule schedule;
  private final TrainingStep step;
  private final TrainingLog log;
  private final SpikeRule rule;
  private final LossWatch watch;
  private final List<Long> skipped;
  private int skippedInARow;
  private long nextStep;

  /**
   * @param step at which the dictionary stands after so many updates
   * @param counters of a run that goes on, or {@link Counters#NONE}
   */
  Learner(
      DictionaryName name,
      Schedule schedule,
      TrainingStep step,
      TrainingLog log,
      SpikeRule rule,
      Counters counters) {
    this.name = name;
    this.schedule = schedule;
    this.step = step;
    this.log = log;
    this.rule = rule;
    this.watch = new LossWatch(counters.losses());
    this.skipped = new ArrayList<>(counters.skipped());
    this.skippedInARow = counters.skippedInARow();
    this.nextStep = counters.nextStep();
  }

  /**
   * What resuming needs beside the step's tensors.
   *
   * @param nextStep number of its next update; one above the run's where the run stopped at another
   *     dictionary's
   * @param unlogged updates since the last line of the log
   * @param unloggedClipped of them, those whose gradient was clipped
   * @param losses of the last updates
   * @param skipped steps without an update
   * @param skippedInARow steps without an update since the last one
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record Counters(
      long nextStep,
      long unlogged,
      long unloggedClipped,
      List<Double> losses,
      List<Long> skipped,
      int skippedInARow) {
    static final Counters NONE = new Counters(0, 0, 0, List.of(), List.of(), 0);
  }

  TrainingStep step() {
    return step;
  }

  TrainingLog log() {
    return log;
  }

  List<Long> skipped() {
    return List.copyOf(skipped);
  }

  Counters counters() {
    return new Counters(
        nextStep, log.updates(), log.clipped(), watch.losses(), skipped(), skippedInARow);
  }

  /**
   * Updates by a batch; gives what was out of the usual. After a stop nothing has changed.
   *
   * @param batch or this rank's part of it
   * @param tokens of the whole batch
   * @param number of the update, from 0
   * @param measure whether it is logged
   */
  Optional<Incident> learn(Activations batch, int tokens, long number, boolean measure) {
    if (number < nextStep) {
      return Optional.empty(); // done before the run stopped at another dictionary's update
    }
    if (number > 0 && schedule.acrossBatch(number) != schedule.acrossBatch(number - 1)) {
      watch.forget();
    }
    double bound = rule.factor() * watch.usual();
    boolean refuse = rule.response() != SpikeRule.Response.WARN;
    TrainingStep.Settings settings =
        settings(number, measure, refuse ? bound : Double.POSITIVE_INFINITY);
    try {
      TrainingStep.Outcome outcome =
          step.update(
              batch.at(name.site().hookIn(name.layer())),
              batch.at(name.site().hookOut(name.layer())),
              settings);
      Optional<Incident> incident =
          outcome.loss() > bound
              ? Optional.of(new Incident(name, spike(outcome.loss()), SpikeRule.Response.WARN))
              : Optional.empty();
      note(settings, outcome, tokens);
      return incident;
    } catch (LossSpikeException e) {
      return Optional.of(refused(spike(e.loss())));
    } catch (NotFiniteException e) {
      return Optional.of(refused(String.valueOf(e.getMessage())));
    }
  }

  private TrainingStep.Settings settings(long number, boolean measure, double maxLoss) {
    return new TrainingStep.Settings(
        number,
        schedule.learningRate(number),
        schedule.k(number),
        schedule.acrossBatch(number),
        schedule.silent(),
        schedule.l1(number),
        measure,
        maxLoss);
  }

  private String spike(double loss) {
    return "expected a loss of at most %s times the usual %.4g, got %.4g"
        .formatted(rule.factor(), watch.usual(), loss);
  }

  private Incident refused(String message) {
    if (rule.response() != SpikeRule.Response.SKIP) {
      return new Incident(name, message, SpikeRule.Response.STOP);
    }
    if (skippedInARow == MAX_SKIPS) {
      return new Incident(
          name,
          message + ", after " + MAX_SKIPS + " skipped in a row: no spike, the run has diverged",
          SpikeRule.Response.STOP);
    }
    skipped.add(nextStep++);
    skippedInARow++;
    return new Incident(name, message, SpikeRule.Response.SKIP);
  }

  private void note(TrainingStep.Settings settings, TrainingStep.Outcome outcome, int tokens) {
    watch.add(outcome.loss());
    skippedInARow = 0;
    nextStep++;
    log.count(outcome);
    if (settings.measure()) {
      log.write(settings, outcome, nextStep * tokens, step.silentFor(DEAD_AFTER));
    }
  }

  /** Takes part in what rank 0 saves. */
  void giveState() {
    try (TensorScope _ = TensorScope.open()) {
      var _ = step.state();
    }
  }

  @Override
  public void close() {
    step.close();
  }
}
