package dev.loupe.train;

import dev.loupe.activation.ActivationStream;
import dev.loupe.activation.Activations;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Scale;
import dev.loupe.dictionary.Suite;
import dev.loupe.model.Hook;
import dev.loupe.model.Llama;
import dev.loupe.model.LlamaConfig;
import dev.loupe.tensor.Team;
import dev.loupe.text.Progress;
import dev.loupe.text.TokenCorpus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;

/**
 * Trains a suite: one pass of the language model over the corpus feeds every dictionary with the
 * same shuffled tokens. Then each is post-processed and written.
 *
 * <p>Owns the stream and the steps until closed; borrows model and corpus. Stopping, by request or
 * because a number is not finite, keeps everything done so far.
 */
public final class SuiteTrainer implements AutoCloseable {
  /** Lines of a run's training.jsonl, about. */
  private static final int LOG_LINES = 200;

  /** Tokens after which a feature that has not fired counts as dead (paper, section 4.4). */
  private static final long DEAD_AFTER = 100_000;

  private final TrainingRequest request;
  private final Llama model;
  private final Path directory;
  private final Suite.Manifest manifest;
  private final Schedule schedule;
  private final ActivationStream stream;
  private final Map<Hook, Double> meanNorms;
  private final SequencedMap<DictionaryName, TorchStep> steps = new LinkedHashMap<>();
  private final Map<DictionaryName, TrainingLog> logs = new TreeMap<>();
  private final long firstStep;

  /**
   * Prepares a run, or goes on with one: fills the buffer, measures the norms, makes or reads the
   * weights. Writes nothing.
   *
   * @param directory of the suite, new or empty unless it is resumed
   * @param resume whether to go on with what the directory holds
   */
  public SuiteTrainer(
      TrainingRequest request,
      Llama model,
      TokenCorpus corpus,
      Path directory,
      Suite.Manifest manifest,
      boolean resume,
      Progress progress) {
    this.request = request;
    this.model = model;
    this.directory = directory;
    checkNames(request, model.config());
    Optional<ResumeState.State> begun =
        resume ? Optional.of(ResumeState.read(directory)) : Optional.empty();
    begun.ifPresent(state -> ResumeState.checkSame(state.manifest(), manifest));
    if (!resume) {
      Suite.checkFree(directory);
    }
    // the order of tokens follows from the size of the buffer: a resumed run keeps it
    this.manifest = begun.map(ResumeState.State::manifest).orElse(manifest);
    this.firstStep = begun.map(ResumeState.State::step).orElse(0L);
    int d = model.config().hiddenSize();
    this.schedule = Schedule.of(request.recipe(), request.steps(), d);
    this.stream =
        new ActivationStream(
            model, corpus, hooks(request), this.manifest.bufferTokens(), request.seed());
    try {
      progress.report("filling the buffer", 0, -1);
      stream.skip(firstStep, request.recipe().batch());
      this.meanNorms =
          begun
              .map(ResumeState.State::norms)
              .orElseGet(() -> stream.meanNorms(request.recipe().normTokens()));
      for (DictionaryName name : request.names()) {
        TorchStep step = newStep(name, d);
        steps.put(name, step);
        begun.ifPresent(state ->
            ResumeState.restore(
                directory, state, name, step, firstStep * request.recipe().batch()));
      }
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /** Every place that the dictionaries read or write. */
  public static Set<Hook> hooks(TrainingRequest request) {
    Set<Hook> hooks = new TreeSet<>();
    for (DictionaryName name : request.names()) {
      hooks.add(name.site().hookIn(name.layer()));
      hooks.add(name.site().hookOut(name.layer()));
    }
    return hooks;
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
      if (request.recipe().isTopK() && request.recipe().k() > features) {
        throw new IllegalArgumentException(
            "expected K of at most %d, the features of %s, got %d"
                .formatted(features, name, request.recipe().k()));
      }
    }
  }

  private TorchStep newStep(DictionaryName name, int d) {
    return new TorchStep(
        request.recipe(),
        scale(name),
        Initial.weights(request.recipe(), name, d, request.seed(), model.device()));
  }

  private Scale scale(DictionaryName name) {
    return new Scale(
        norm(name.site().hookIn(name.layer())), norm(name.site().hookOut(name.layer())));
  }

  private double norm(Hook hook) {
    Double norm = meanNorms.get(hook);
    if (norm == null || !Double.isFinite(norm) || norm <= 0) {
      throw new NotFiniteException(
          "expected activations at " + hook + " with a positive mean norm, got " + norm);
    }
    return norm;
  }

  /**
   * Trains until the steps are done, a stop is asked for, or a number is not finite; then writes
   * the suite as far as it has come.
   *
   * @param stop asked after each step
   */
  public Result run(Progress progress, BooleanSupplier stop) {
    createFolders();
    long step = firstStep;
    String failure = "";
    long started = System.nanoTime();
    long modelNanos = 0;
    while (step < request.steps() && !stop.getAsBoolean()) {
      long before = System.nanoTime();
      try (Activations batch = stream.next(request.recipe().batch())) {
        modelNanos += System.nanoTime() - before;
        update(step, batch, started, modelNanos);
      } catch (NotFiniteException e) {
        failure = String.valueOf(e.getMessage());
        break;
      }
      step++;
      progress.report("training", step * request.recipe().batch(), request.tokens());
    }
    if (step < request.steps()) {
      ResumeState.write(directory, new ResumeState.State(step, manifest, norms()), steps);
    }
    return finish(step, failure, progress);
  }

  private void update(long step, Activations batch, long started, long modelNanos) {
    TrainingStep.Settings settings = settings(step);
    Team.forEach(
        request.names(),
        name -> {
          TorchStep dictionary = Objects.requireNonNull(steps.get(name));
          TrainingLog log = logs.get(name);
          TrainingStep.Outcome outcome = update(name, dictionary, batch, settings);
          log.count(outcome);
          if (settings.measure()) {
            long tokens = (step + 1) * request.recipe().batch();
            log.write(settings, outcome, tokens, dictionary.silentFor(DEAD_AFTER));
            log.writeTiming(step, seconds(System.nanoTime() - started), seconds(modelNanos));
          }
        });
  }

  private static TrainingStep.Outcome update(
      DictionaryName name, TorchStep step, Activations batch, TrainingStep.Settings settings) {
    try {
      return step.update(
          batch.at(name.site().hookIn(name.layer())),
          batch.at(name.site().hookOut(name.layer())),
          settings);
    } catch (NotFiniteException e) {
      throw new NotFiniteException(name + ": " + e.getMessage());
    }
  }

  private TrainingStep.Settings settings(long step) {
    long every = Math.max(1, request.steps() / LOG_LINES);
    return new TrainingStep.Settings(
        step,
        schedule.learningRate(step),
        schedule.k(step),
        schedule.l1(step),
        step % every == 0 || step == request.steps() - 1);
  }

  private static double seconds(long nanos) {
    return nanos / 1e9;
  }

  private Map<String, Double> norms() {
    Map<String, Double> norms = new TreeMap<>();
    meanNorms.forEach((hook, norm) -> norms.put(hook.toString(), norm));
    return norms;
  }

  private void createFolders() {
    try {
      for (DictionaryName name : request.names()) {
        Path folder = directory.resolve(name.toString());
        Files.createDirectories(folder);
        TrainingLog log = new TrainingLog(folder);
        log.rewind(firstStep);
        logs.put(name, log);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create " + directory, e);
    }
  }

  private Result finish(long stepsDone, String failure, Progress progress) {
    boolean whole = stepsDone == request.steps();
    if (failure.isEmpty()) {
      Finishing finishing = new Finishing(request, manifest, stream);
      Map<DictionaryName, Scale> scales = new TreeMap<>();
      request.names().forEach(name -> scales.put(name, scale(name)));
      finishing.write(directory, steps, scales, progress);
      Suite.write(directory, manifest.withStepsDone(stepsDone));
    }
    if (whole) {
      ResumeState.clear(directory);
    }
    return new Result(stepsDone, request.steps(), failure);
  }

  /**
   * How a run ended.
   *
   * @param stepsDone of all steps of the run
   * @param steps of the run
   * @param failure what was not finite, or empty; the state before it is kept for resuming
   */
  public record Result(long stepsDone, long steps, String failure) {
    public boolean isWhole() {
      return stepsDone == steps;
    }
  }

  @Override
  public void close() {
    steps.values().forEach(TrainingStep::close);
    stream.close();
  }
}
