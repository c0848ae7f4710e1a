package dev.loupe.train;

import dev.loupe.activation.ActivationSource;
import dev.loupe.activation.ActivationStream;
import dev.loupe.activation.Activations;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Scale;
import dev.loupe.dictionary.Suite;
import dev.loupe.files.AtomicFolder;
import dev.loupe.files.IoFailures;
import dev.loupe.model.LlamaConfig;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Team;
import dev.loupe.text.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains a suite, or those of its dictionaries that one of several passes has: the pass of the
 * language model over the corpus feeds each of them with the same shuffled tokens. Then each is
 * post-processed and written.
 *
 * <p>Owns the stream and the steps until closed; borrows the source. States are written at the
 * beginning, while it trains and before post-processing, and go when the suite is whole: a run that
 * is killed at any moment goes on from the last one, and gives the same bytes.
 */
public final class SuiteTrainer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SuiteTrainer.class);

  /** Lines of a run's training.jsonl, about. */
  private static final int LOG_LINES = 200;

  private final TrainingJob job;
  private final int pass;
  private final TrainingRequest request;
  private final Path directory;
  private final Safeguards safeguards;
  private final Suite.Manifest manifest; // of the whole suite
  private final ActivationStream stream;
  private final MeanNorms norms;
  private final SequencedMap<DictionaryName, Learner> learners = new LinkedHashMap<>();
  private final Incidents incidents;
  private final Grid grid;
  private final boolean goesOn;
  private final long firstStep;
  private long stepsDone;
  private long savedStep; // of the latest state
  private long triedStep; // when a state was last written, or failed to be
  private long triedNanos;

  /**
   * Prepares a pass, or goes on with one: fills the buffer, measures the norms, makes or reads the
   * weights. Writes nothing.
   *
   * @param pass which one, from 0
   * @param before the state that the run goes on from: of this pass, or of the one before
   * @param stop asked while the buffer fills; once true, CancellationException
   */
  SuiteTrainer(
      TrainingJob job,
      int pass,
      Optional<ResumeState.State> before,
      ActivationSource source,
      StepFactory steps,
      Progress progress,
      BooleanSupplier stop) {
    this.job = job;
    this.pass = pass;
    this.request = job.request(pass);
    this.directory = job.directory();
    this.safeguards = job.safeguards();
    this.grid = job.grid();
    this.goesOn = job.resume() != Resume.NO || pass > 0;
    checkNames(request, source.model());
    if (!goesOn && grid.isFirst()) {
      Suite.checkFree(directory);
    }
    Optional<ResumeState.State> begun = before.filter(state -> state.pass() == pass);
    // the order of tokens follows from the size of the buffer: a resumed run keeps it
    this.manifest =
        before
            .map(state ->
                RunDifferences.resume(
                        state.manifest(),
                        job.manifest(),
                        state.step(),
                        job.resume() == Resume.INEXACT)
                    .withSkipped(state.skipped()))
            .orElse(job.manifest());
    this.firstStep = begun.map(ResumeState.State::step).orElse(0L);
    this.savedStep = begun.isPresent() ? firstStep : -1;
    this.incidents = new Incidents(directory, before.map(ResumeState.State::incidents).orElse(0));
    int d = source.model().hiddenSize();
    this.stream =
        new ActivationStream(
            source,
            this.manifest.bufferTokens(),
            DType.parse(this.manifest.bufferDtype()),
            request.seed(),
            grid.all());
    try {
      fill(progress, stop);
      this.norms =
          new MeanNorms(
              begun
                  .filter(state -> state.step() > 0) // else the first weights need what is measured
                  .map(ResumeState.State::norms)
                  .orElseGet(() -> stream.meanNorms(request.recipe().normTokens())));
      for (DictionaryName name : request.names()) {
        learners.put(name, learner(name, d, source.device(), steps, begun));
      }
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private void fill(Progress progress, BooleanSupplier stop) {
    BooleanSupplier anyStops = () -> grid.any(stop.getAsBoolean());
    try {
      stream.skip(firstStep, request.recipe().batch(), progress, anyStops);
      stream.fill(progress, anyStops);
    } catch (CancellationException e) {
      boolean isSaved = savedStep >= 0 || pass > 0;
      CancellationException told =
          new CancellationException(
              e.getMessage()
                  + (isSaved
                      ? "; the same command with --resume goes on"
                      : ", before the first step: nothing was begun"));
      told.initCause(e);
      throw told;
    }
  }

  /** Refuses layers that the model lacks and a K that no dictionary can have. */
  public static void checkNames(TrainingRequest request, LlamaConfig model) {
    for (DictionaryName name : request.names()) {
      if (name.layer() >= model.layers()) {
        throw new IllegalArgumentException(
            "expected layers 0..%d, which the model has, got %s"
                .formatted(model.layers() - 1, name));
      }
      long features = (long) name.expansion() * model.hiddenSize();
      Recipe recipe = request.recipes().of(name);
      if (recipe.isTopK() && recipe.k() > features) {
        throw new IllegalArgumentException(
            "expected K of at most %d, the features of %s, got %d"
                .formatted(features, name, recipe.k()));
      }
    }
  }

  private Learner learner(
      DictionaryName name,
      int d,
      Device device,
      StepFactory steps,
      Optional<ResumeState.State> begun) {
    Learner.Counters counters =
        begun.map(state -> state.counters(name)).orElse(Learner.Counters.NONE);
    Recipe recipe = request.recipes().of(name);
    long seed = request.recipes().seed(name, request.seed());
    grid.checkFeatures((long) name.expansion() * d);
    TrainingStep step =
        steps.create(
            recipe,
            norms.scale(name),
            firstStep == 0
                ? norms.initial(recipe, name, stream, seed)
                : Initial.draw(recipe, name, d, seed, device)); // until it is restored
    try {
      begun.ifPresent(state ->
          ResumeState.restore(
              directory, state, name, step, counters.nextStep() * request.recipe().batch()));
      TrainingLog log =
          new TrainingLog(
              Optional.of(directory.resolve(name.toString())).filter(_ -> grid.isFirst()),
              counters.unlogged(),
              counters.unloggedClipped());
      Schedule schedule = Schedule.of(recipe, request.steps(), d);
      return new Learner(name, schedule, step, log, safeguards.spikes(), counters);
    } catch (RuntimeException | Error e) {
      step.close();
      throw e;
    }
  }

  /**
   * Trains until the steps are done, a stop is asked for, or a loss stops it; then writes the suite
   * as far as it has come.
   *
   * @param stop asked after each step
   */
  public Result run(Progress progress, BooleanSupplier stop) {
    begin(progress);
    long step = firstStep;
    String failure = "";
    ActivationStream.Waited filling = stream.waited();
    long started = System.nanoTime();
    long modelNanos = 0;
    while (step < request.steps() && !grid.any(stop.getAsBoolean())) {
      long before = System.nanoTime();
      try (Activations batch = stream.next(request.recipe().batch(), grid.features())) {
        modelNanos += System.nanoTime() - before;
        failure = learn(step, batch);
      }
      if (!failure.isEmpty()) {
        break;
      }
      if (isLogged(step)) {
        logTiming(step, System.nanoTime() - started, modelNanos);
      }
      step++;
      progress.report(
          job.passes().size() == 1
              ? "training"
              : "training, pass %d of %d".formatted(pass + 1, job.passes().size()),
          step * request.recipe().batch(),
          request.tokens(),
          waits(stream.waited().since(filling), System.nanoTime() - started));
      if (step < request.steps() && grid.any(isStateDue(step))) {
        save(step, progress);
      }
    }
    stepsDone = step;
    // before post-processing too: what fails there, such as a full disk, costs no training
    save(step, progress);
    return failure.isEmpty() ? finish(step, progress) : result(step, failure);
  }

  /** Makes the folders; first of all a state, so that from then on there is something to go on. */
  private void begin(Progress progress) {
    grid.all().barrier(); // every rank has read what there is
    triedStep = firstStep;
    triedNanos = System.nanoTime();
    boolean isNew = savedStep < 0;
    savedStep = firstStep;
    if (!grid.isFirst()) {
      return;
    }
    if (goesOn) {
      removePartials();
      LOG.info("going on at step {} of {}, pass {}", firstStep, request.steps(), pass + 1);
    }
    if (isNew) {
      ResumeState.write(directory, state(0), new LinkedHashMap<>(), progress);
    }
    learners.forEach((name, learner) -> {
      Path folder = directory.resolve(name.toString());
      try {
        Files.createDirectories(folder);
      } catch (IOException e) {
        throw IoFailures.writing(folder, e);
      }
      learner.log().rewind(learner.counters().nextStep());
    });
  }

  /** What the time so far went to: what a faster run would need. */
  private static String waits(ActivationStream.Waited waited, long nanos) {
    long model = Math.round(100.0 * waited.modelNanos() / nanos);
    long disk = Math.round(100.0 * waited.diskNanos() / nanos);
    return "waits for: dictionaries %d %%, model %d %%%s"
        .formatted(100 - model - disk, model, disk == 0 ? "" : ", disk " + disk + " %");
  }

  private void removePartials() {
    AtomicFolder.removePartials(directory, 1);
    AtomicFolder.removePartials(ResumeState.folder(directory), Integer.MAX_VALUE);
    request
        .names()
        .forEach(name ->
            AtomicFolder.removePartials(directory.resolve(name.toString()), Integer.MAX_VALUE));
    AtomicFolder.removePartials(directory.resolve("incidents"), Integer.MAX_VALUE);
  }

  private boolean isLogged(long step) {
    long every = Math.max(1, request.steps() / LOG_LINES);
    return step % every == 0 || step == request.steps() - 1;
  }

  /** Updates every dictionary; gives why the run must stop, or nothing. */
  private String learn(long step, Activations batch) {
    boolean logged = isLogged(step);
    int tokens = request.recipe().batch();
    Function<Learner, Optional<Incident>> update =
        learner -> learner.learn(batch, tokens, step, logged);
    List<Learner> all = List.copyOf(learners.values());
    List<Incident> found =
        // ranks must come to each dictionary in one order
        (grid.isAlone() ? Team.map(all, update) : all.stream().map(update).toList())
            .stream().flatMap(Optional::stream).toList();
    if (found.isEmpty()) {
      return "";
    }
    if (grid.isFirst()) {
      incidents.add(step, batch, found);
    }
    return found.stream()
        .filter(incident -> incident.response() == SpikeRule.Response.STOP)
        .map(incident -> incident.dictionary() + ": " + incident.message())
        .collect(Collectors.joining("; "));
  }

  private void logTiming(long step, long nanos, long modelNanos) {
    learners
        .values()
        .forEach(learner -> learner.log().writeTiming(step, nanos / 1e9, modelNanos / 1e9));
  }

  private boolean isStateDue(long step) {
    return safeguards
        .checkpoints()
        .due(
            (step - triedStep) * request.recipe().batch(),
            Duration.ofNanos(System.nanoTime() - triedNanos));
  }

  /**
   * Writes a state. One that cannot be written is no reason to lose the run: it goes on; but not
   * where ranks train together, which all take part in it.
   */
  private void save(long step, Progress progress) {
    if (step == savedStep) {
      return;
    }
    if (!grid.isFirst()) {
      learners.values().forEach(Learner::giveState);
      savedStep = step;
      triedStep = step;
      triedNanos = System.nanoTime();
      return;
    }
    try {
      learners.values().forEach(learner -> learner.log().sync());
      ResumeState.State state = state(step);
      ResumeState.write(directory, state, learners, progress);
      savedStep = step;
      tell(state);
    } catch (UncheckedIOException e) {
      if (!grid.isAlone()) {
        throw e;
      }
      LOG.warn(
          "the state of step {} is not saved: {}; the state of step {} stays",
          step,
          e.getMessage(),
          savedStep);
    }
    triedStep = step;
    triedNanos = System.nanoTime();
  }

  private void tell(ResumeState.State state) {
    try {
      safeguards.watch().written(directory, state.number());
    } catch (UncheckedIOException e) {
      LOG.warn("the state of step {} is only on this machine: {}", state.step(), e.getMessage());
    }
  }

  /** How the run stands at a step of this pass. */
  private ResumeState.State state(long step) {
    Map<String, Learner.Counters> counters = new LinkedHashMap<>();
    learners.forEach((name, learner) -> counters.put(name.toString(), learner.counters()));
    return new ResumeState.State(pass, step, manifest, norms.named(), incidents.steps(), counters);
  }

  private Result finish(long stepsDone, Progress progress) {
    try {
      learners.values().forEach(learner -> learner.log().sync());
      SequencedMap<DictionaryName, TrainingStep> steps = new LinkedHashMap<>();
      Map<DictionaryName, Scale> scales = new TreeMap<>();
      learners.forEach((name, learner) -> {
        learner.step().endUpdates();
        if (grid.isFirst()) {
          steps.put(name, learner.step());
        }
        scales.put(name, norms.scale(name));
      });
      new Finishing(request, manifest, stream).write(directory, steps, scales, progress);
      if (!grid.isFirst()) {
        return result(stepsDone, "");
      }
      Suite.write(
          directory,
          manifest.withStepsDone(
              result(stepsDone, "").stepsDone(), dictionariesThere(), state(stepsDone).skipped()));
    } catch (UncheckedIOException e) {
      throw new UncheckedIOException(
          "%s; training is kept up to step %d, from where a resumed run goes on"
              .formatted(e.getMessage(), savedStep),
          e.getCause());
    }
    Result result = result(stepsDone, "");
    if (result.isWhole()) {
      ResumeState.clear(directory);
    }
    return result;
  }

  /** Of this pass and those before. */
  private List<DictionaryName> dictionariesThere() {
    Set<DictionaryName> there = new HashSet<>();
    job.passes().subList(0, pass + 1).forEach(there::addAll);
    return manifest.dictionaries().stream().filter(there::contains).toList();
  }

  private Result result(long stepsDone, String failure) {
    long passes = job.passes().size();
    long done = (pass * request.steps() + stepsDone) / passes;
    return new Result(done, request.steps(), failure);
  }

  /** Whether all steps of the pass are done. */
  boolean isPassDone() {
    return stepsDone == request.steps();
  }

  /** How the run stands after a whole pass: what the next one begins with. */
  ResumeState.State lastState() {
    return state(request.steps());
  }

  /** Tidies up after a finished run that was killed as it removed its states. */
  static Result alreadyFinished(TrainingJob job) {
    Suite.Manifest done = Suite.open(job.directory()).manifest();
    RunDifferences.requireSame(done, job.manifest());
    if (job.grid().isFirst() && ResumeState.isBegun(job.directory())) {
      Suite.write(job.directory(), done); // with its checksum, which the kill may have prevented
      AtomicFolder.removePartials(job.directory(), 1);
      ResumeState.clear(job.directory());
    }
    return new Result(done.steps(), done.steps(), "");
  }

  /**
   * How a run ended.
   *
   * @param stepsDone of all steps of the run, a mean over its passes
   * @param steps of the run
   * @param failure the loss that stopped it, or empty; the state before it is kept for resuming
   */
  public record Result(long stepsDone, long steps, String failure) {
    public boolean isWhole() {
      return stepsDone == steps;
    }
  }

  @Override
  public void close() {
    learners.values().forEach(Learner::close);
    stream.close();
  }
}
