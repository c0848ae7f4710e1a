package dev.loupe.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Scale;
import dev.loupe.dictionary.Screening;
import dev.loupe.files.Json;
import dev.loupe.model.ModelFolder;
import dev.loupe.model.SmallModel;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.DemoSample;
import dev.loupe.text.Progress;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** A run that takes a second: an autoencoder and a transcoder of a small model, 24 steps. */
public record SmallRun(
    ModelFolder model,
    String corpus,
    Path out,
    Resume resume,
    Safeguards safeguards,
    long seed,
    BufferSetup buffer,
    List<DictionaryName> names,
    OptionalInt passes,
    Sweep sweep) {
  static final List<DictionaryName> NAMES =
      List.of(DictionaryName.parse("L1R-2x"), DictionaryName.parse("L1TC-2x"));
  static final int STEPS = 24;
  static final int BATCH = 128;

  /** A state every two steps. */
  static final Safeguards OFTEN = often(SpikeRule.USUAL);

  public static SmallRun in(Path out) {
    return new SmallRun(
        SmallModel.folder(),
        DemoSample.wordnet(),
        out,
        Resume.NO,
        OFTEN,
        0,
        BufferSetup.of(16 << 20),
        NAMES,
        OptionalInt.empty(),
        new Sweep());
  }

  static Safeguards often(SpikeRule spikes) {
    return new Safeguards(new CheckpointRule.EveryTokens(2 * BATCH), spikes);
  }

  SmallRun resumed() {
    return new SmallRun(
        model, corpus, out, Resume.EXACT, safeguards, seed, buffer, names, passes, sweep);
  }

  /** Without saying in how many passes. */
  SmallRun resumedInItsPasses() {
    return new SmallRun(
        model,
        corpus,
        out,
        Resume.EXACT,
        safeguards,
        seed,
        buffer,
        names,
        OptionalInt.empty(),
        sweep);
  }

  SmallRun resumedInexactly() {
    return new SmallRun(
        model, corpus, out, Resume.INEXACT, safeguards, seed, buffer, names, passes, sweep);
  }

  /** Of another model, on other texts. */
  public SmallRun on(ModelFolder otherModel, String otherCorpus) {
    return new SmallRun(
        otherModel, otherCorpus, out, resume, safeguards, seed, buffer, names, passes, sweep);
  }

  /** Other dictionaries. */
  public SmallRun with(String... others) {
    List<DictionaryName> parsed = Stream.of(others).map(DictionaryName::parse).toList();
    return new SmallRun(
        model, corpus, out, resume, safeguards, seed, buffer, parsed, passes, sweep);
  }

  SmallRun with(SpikeRule spikes) {
    return new SmallRun(
        model, corpus, out, resume, often(spikes), seed, buffer, names, passes, sweep);
  }

  SmallRun withSeed(long other) {
    return new SmallRun(
        model, corpus, out, resume, safeguards, other, buffer, names, passes, sweep);
  }

  SmallRun with(BufferSetup other) {
    return new SmallRun(model, corpus, out, resume, safeguards, seed, other, names, passes, sweep);
  }

  /** The same dictionaries and more, in so many passes. */
  SmallRun with(List<DictionaryName> others, int passes) {
    return new SmallRun(
        model,
        corpus,
        out,
        resume,
        safeguards,
        seed,
        buffer,
        others,
        OptionalInt.of(passes),
        sweep);
  }

  /** One dictionary, in the variants of a sweep. */
  SmallRun with(Sweep other) {
    return new SmallRun(
        model,
        corpus,
        out,
        resume,
        safeguards,
        seed,
        buffer,
        List.of(NAMES.getFirst()),
        passes,
        other);
  }

  /** Opens the run; the caller closes it. */
  TrainingSession open() {
    return TrainingSession.open(setup(), Progress.NONE);
  }

  /** One rank's part of the run; the caller closes it. */
  TrainingSession open(Grid grid) {
    return TrainingSession.open(setup(), grid, Progress.NONE);
  }

  /** The step that a run on the CPU has. */
  static TrainingStep step(Recipe recipe, Scale scale, Initial initial) {
    return StepKind.SIMD.step(recipe, scale, Screening.current(), initial);
  }

  public SuiteTrainer.Result train() {
    return train(Progress.NONE, () -> false, SmallRun::step);
  }

  /** Stops as a user does, after so many steps of this process. */
  SuiteTrainer.Result trainFor(int steps) {
    return train(new StopAfter(steps));
  }

  SuiteTrainer.Result train(StopAfter stop) {
    return train(stop, stop, SmallRun::step);
  }

  SuiteTrainer.Result trainTelling(Progress progress) {
    return train(progress, () -> false, SmallRun::step);
  }

  SuiteTrainer.Result trainWith(StepFactory factory) {
    return train(Progress.NONE, () -> false, factory);
  }

  SuiteTrainer.Result train(Progress progress, BooleanSupplier stop, StepFactory factory) {
    try (TrainingSession session = TrainingSession.open(setup(), progress)) {
      return session.run(progress, stop, factory);
    }
  }

  /** One rank's part, on libtorch's step; alone without others. */
  SuiteTrainer.Result trainOn(Grid grid, BooleanSupplier stop) {
    return trainOn(grid, Progress.NONE, stop);
  }

  SuiteTrainer.Result trainOn(Grid grid, Progress progress, BooleanSupplier stop) {
    try (TrainingSession session = TrainingSession.open(setup(StepKind.TORCH), grid, progress)) {
      return session.run(progress, stop);
    }
  }

  /**
   * Asks to stop once the buffer is full and so many steps of this process are done; tells another
   * of the progress.
   */
  static final class StopAfter implements Progress, BooleanSupplier {
    private final int steps;
    private final Progress other;
    private boolean isFull;
    private int done;

    StopAfter(int steps) {
      this(steps, Progress.NONE);
    }

    StopAfter(int steps, Progress other) {
      this.steps = steps;
      this.other = other;
    }

    @Override
    public void report(String what, long now, long total) {
      isFull |= what.startsWith("filling") && now == total;
      done += what.startsWith("training") ? 1 : 0;
      other.report(what, now, total);
    }

    @Override
    public boolean getAsBoolean() {
      return isFull && done >= steps;
    }
  }

  TrainingSetup setup() {
    return setup(StepKind.SIMD);
  }

  private TrainingSetup setup(StepKind step) {
    return new TrainingSetup(
        model,
        CorpusSpec.parse(corpus),
        sweep.recipes(recipe()),
        sweep.names(names),
        passes,
        (long) STEPS * BATCH,
        1,
        seed,
        buffer,
        DType.F32,
        step,
        Device.CPU,
        false,
        out,
        resume,
        safeguards);
  }

  private static Recipe recipe() {
    ObjectNode json = Json.mapper().valueToTree(Recipe.load("demo"));
    json.put("batch", BATCH).put("k", 8).put("context", 64);
    json.put("norm_tokens", 512).put("calibration_tokens", 4096).put("peak_learning_rate", 8e-4);
    return Json.mapper().convertValue(json, Recipe.class);
  }
}
