package dev.loupe.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Scale;
import dev.loupe.dictionary.Screening;
import dev.loupe.dictionary.Weights;
import dev.loupe.files.Checksums;
import dev.loupe.files.Json;
import dev.loupe.model.ModelFolder;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.NavigableMap;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** A run on the bundled model that takes seconds: an autoencoder and a transcoder, 24 steps. */
record SmallRun(
    Path out,
    Resume resume,
    Safeguards safeguards,
    long seed,
    BufferSetup buffer,
    List<DictionaryName> names,
    OptionalInt passes) {
  static final List<DictionaryName> NAMES =
      List.of(DictionaryName.parse("L1R-2x"), DictionaryName.parse("L1TC-2x"));
  static final int STEPS = 24;
  static final int BATCH = 128;

  /** A state every two steps. */
  static final Safeguards OFTEN = often(SpikeRule.USUAL);

  static SmallRun in(Path out) {
    return new SmallRun(
        out, Resume.NO, OFTEN, 0, BufferSetup.of(64 << 20), NAMES, OptionalInt.empty());
  }

  static Safeguards often(SpikeRule spikes) {
    return new Safeguards(new CheckpointRule.EveryTokens(2 * BATCH), spikes);
  }

  SmallRun resumed() {
    return new SmallRun(out, Resume.EXACT, safeguards, seed, buffer, names, passes);
  }

  /** Without saying in how many passes. */
  SmallRun resumedInItsPasses() {
    return new SmallRun(out, Resume.EXACT, safeguards, seed, buffer, names, OptionalInt.empty());
  }

  SmallRun resumedInexactly() {
    return new SmallRun(out, Resume.INEXACT, safeguards, seed, buffer, names, passes);
  }

  SmallRun with(SpikeRule spikes) {
    return new SmallRun(out, resume, often(spikes), seed, buffer, names, passes);
  }

  SmallRun withSeed(long other) {
    return new SmallRun(out, resume, safeguards, other, buffer, names, passes);
  }

  SmallRun with(BufferSetup other) {
    return new SmallRun(out, resume, safeguards, seed, other, names, passes);
  }

  /** The same dictionaries and more, in so many passes. */
  SmallRun with(List<DictionaryName> others, int passes) {
    return new SmallRun(out, resume, safeguards, seed, buffer, others, OptionalInt.of(passes));
  }

  /** Opens the run; the caller closes it. */
  TrainingSession open() {
    return TrainingSession.open(setup(), Progress.NONE);
  }

  /** The step that a run on the CPU has. */
  static TrainingStep step(Recipe recipe, Scale scale, Weights initial) {
    return StepKind.SIMD.step(recipe, scale, Screening.current(), initial);
  }

  SuiteTrainer.Result train() {
    return train(Progress.NONE, () -> false, SmallRun::step);
  }

  /** Stops as a user does, after so many steps of this process. */
  SuiteTrainer.Result trainFor(int steps) {
    return train(Progress.NONE, stopAfter(steps), SmallRun::step);
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

  static BooleanSupplier stopAfter(int steps) {
    AtomicInteger asked = new AtomicInteger();
    return () -> asked.incrementAndGet() > steps;
  }

  private TrainingSetup setup() {
    return new TrainingSetup(
        ModelFolder.resolve("demo"),
        CorpusSpec.parse("demo:wordnet"),
        recipe(),
        names,
        passes,
        (long) STEPS * BATCH,
        1,
        seed,
        buffer,
        DType.F32,
        StepKind.SIMD,
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

  /**
   * SHA-256 of every file of a suite by its path, times apart: also of what should not be there.
   */
  static NavigableMap<String, String> files(Path suite) {
    NavigableMap<String, String> sums = new TreeMap<>();
    try (Stream<Path> files = Files.walk(suite)) {
      files
          .filter(Files::isRegularFile)
          .filter(file -> !file.endsWith("timing.jsonl"))
          .forEach(file -> sums.put(suite.relativize(file).toString(), Checksums.sha256(file)));
      return sums;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
