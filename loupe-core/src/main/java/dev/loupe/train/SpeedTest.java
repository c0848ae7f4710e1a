package dev.loupe.train;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.files.AtomicFolder;
import dev.loupe.model.Llama;
import dev.loupe.model.LlamaConfig;
import dev.loupe.model.SampleModel;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Torch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Measures the two things that training spends its time with, in a few seconds: a block of the
 * language model, whose weights need not be there, and a step of a dictionary. What would take
 * longer is measured narrower and scaled by its multiplications.
 */
public final class SpeedTest {
  /** Multiplications of a step above which a narrower one is timed: about a tenth of a second. */
  private static final double LARGE_STEP = 3e9;

  /** Below this a step takes milliseconds, and the JVM compiles for longer than a few. */
  private static final double SMALL_STEP = 5e8;

  /** Multiplications of a run that takes less than a minute. */
  private static final double SHORT_RUN = 2e12;

  private static final int WIDEST = 1_024;
  private static final int WIDEST_EXPANSION = 8;
  private static final int LEAST_BATCH = 256;
  private static final int POSITIONS = 512;

  private final PlanRequest run;
  private final Map<StepBench.Shape, Double> measured = new HashMap<>();

  private SpeedTest(PlanRequest run) {
    this.run = run;
  }

  /** Measures on the CPU, on all threads. */
  public static Speeds run(PlanRequest run) {
    return new SpeedTest(run).speeds();
  }

  /** As {@link #run}; empty for a run that takes hardly longer than the measurement. */
  public static Optional<Speeds> runUnlessShort(PlanRequest run) {
    double d = run.model().hiddenSize();
    double perToken = SampleModel.multiplications(run.model(), run.recipe().context());
    for (DictionaryName name : run.names()) {
      perToken += 2 * d * d * name.expansion();
    }
    return perToken * run.corpusTokens() < SHORT_RUN ? Optional.empty() : Optional.of(run(run));
  }

  private Speeds speeds() {
    Map<Long, Double> steps = new HashMap<>();
    int d = run.model().hiddenSize();
    for (DictionaryName name : run.names()) {
      long features = (long) name.expansion() * d;
      steps.computeIfAbsent(features, _ -> stepSeconds(name.expansion()));
    }
    boolean scaled = measured.keySet().stream().anyMatch(shape -> shape.d() != d);
    String how =
        "measured on all threads%s"
            .formatted(scaled ? ", narrower, and scaled by multiplications" : "");
    return new Speeds(modelSeconds(), modelHow(), steps, how);
  }

  private double stepSeconds(int expansion) {
    int d = run.model().hiddenSize();
    int batch = run.recipe().batch();
    double whole = cost(d, expansion, batch);
    if (whole <= LARGE_STEP) {
      return measured(d, expansion, batch);
    }
    int narrow = Math.min(d, WIDEST);
    int few = Math.min(expansion, WIDEST_EXPANSION);
    int tokens = Math.clamp((long) (LARGE_STEP / cost(narrow, few, 1)), LEAST_BATCH, batch);
    return measured(narrow, few, tokens) * whole / cost(narrow, few, tokens);
  }

  private static double cost(int d, int expansion, int batch) {
    return (double) d * d * expansion * batch;
  }

  private double measured(int d, int expansion, int batch) {
    boolean small = cost(d, expansion, batch) < SMALL_STEP;
    int features = d * expansion;
    StepBench.Shape shape =
        new StepBench.Shape(
            d, features, Math.min(largestK(), features), batch, small ? 10 : 2, small ? 40 : 2);
    return measured.computeIfAbsent(
        shape, wanted -> StepBench.run(run.step(), wanted).scheduleMeanSeconds());
  }

  private int largestK() {
    return run.names().stream().mapToInt(name -> run.recipes().of(name).k()).max().orElseThrow();
  }

  private String modelHow() {
    return "a block of random weights in %s, measured, x as many as the dictionaries need"
        .formatted(run.lmDtype().torchName());
  }

  private double modelSeconds() {
    Path folder = temporary();
    try {
      SampleModel.write(folder, run.model());
      LlamaConfig sample = LlamaConfig.read(folder);
      int positions = Math.min(POSITIONS, run.recipe().context());
      ForwardBench.Shape shape = new ForwardBench.Shape(Torch.threads(), positions);
      try (Llama model = Llama.load(folder, run.lmDtype(), Device.CPU)) {
        double perToken = 1 / ForwardBench.run(model, shape, 3).tokensPerSecond();
        return perToken
            * SampleModel.multiplications(run.model(), run.recipe().context())
            / SampleModel.multiplications(sample, positions);
      }
    } finally {
      AtomicFolder.delete(folder);
    }
  }

  private static Path temporary() {
    try {
      return Files.createTempDirectory("loupe-plan");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create a temporary folder; set java.io.tmpdir", e);
    }
  }
}
