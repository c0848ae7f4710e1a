package dev.loupe.analyze;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import dev.loupe.files.FolderFiles;
import dev.loupe.files.Json;
import dev.loupe.model.ModelFolder;
import dev.loupe.model.SmallModel;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.DemoSample;
import dev.loupe.text.Progress;
import dev.loupe.text.Split;
import dev.loupe.train.BufferSetup;
import dev.loupe.train.CheckpointRule;
import dev.loupe.train.Recipe;
import dev.loupe.train.Recipes;
import dev.loupe.train.Resume;
import dev.loupe.train.Safeguards;
import dev.loupe.train.SpikeRule;
import dev.loupe.train.StepKind;
import dev.loupe.train.TrainingSession;
import dev.loupe.train.TrainingSetup;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** A small suite on the bundled model, trained for seconds, and analyses of it. */
public final class TestSuite {
  public static final DictionaryName MAIN = DictionaryName.parse("L1R-1x");
  private static final List<DictionaryName> NAMES =
      Stream.of("L1R-1x", "L2R-1x", "L1R-2x", "L1TC-1x").map(DictionaryName::parse).toList();
  private static final int BATCH = 256;
  private static final int STEPS = 60;
  public static final int CONTEXT = 64;
  private static final Map<ModelFolder, Path> TRAINED = new HashMap<>();

  private TestSuite() {}

  /** Trains it, once in a JVM, and puts it into a folder. */
  public static Suite train(Path out) {
    return train(ModelFolder.resolve("demo"), out);
  }

  /** One of a smaller model, for tests of what does not depend on what it knows. */
  public static Suite trainSmall(Path out) {
    return train(SmallModel.folder(), out);
  }

  private static synchronized Suite train(ModelFolder model, Path out) {
    return Suite.open(FolderFiles.copy(TRAINED.computeIfAbsent(model, TestSuite::trained), out));
  }

  private static Path trained(ModelFolder model) {
    Path out = FolderFiles.temporary("loupe-test-suite").resolve("suite");
    ObjectNode json = Json.mapper().valueToTree(Recipe.load("demo"));
    json.put("batch", BATCH).put("k", 8).put("context", CONTEXT);
    json.put("norm_tokens", 512).put("calibration_tokens", 4096);
    TrainingSetup setup =
        new TrainingSetup(
            model,
            CorpusSpec.parse(DemoSample.both()),
            Recipes.of(Json.mapper().convertValue(json, Recipe.class)),
            NAMES,
            OptionalInt.empty(),
            (long) STEPS * BATCH,
            1,
            0,
            BufferSetup.of(64 << 20),
            DType.F32,
            StepKind.SIMD,
            Device.CPU,
            false,
            out,
            Resume.NO,
            new Safeguards(new CheckpointRule.Never(), SpikeRule.USUAL));
    try (TrainingSession session = TrainingSession.open(setup, Progress.NONE)) {
      session.run(Progress.NONE, () -> false);
    }
    return out;
  }

  /** An analysis of some dictionaries into a folder. */
  public static AnalysisSetup setup(
      Suite suite, Path out, String corpus, long tokens, String... only) {
    return new AnalysisSetup(
        suite,
        model(suite),
        CorpusSpec.parse(corpus),
        Stream.of(only).map(DictionaryName::parse).toList(),
        Split.HELD_OUT,
        tokens,
        CONTEXT,
        3,
        false,
        false,
        false,
        DType.F32,
        Device.CPU,
        Optional.empty(),
        out);
  }

  private static ModelFolder model(Suite suite) {
    ModelFolder small = SmallModel.folder();
    return suite.manifest().model().equals(small.name()) ? small : ModelFolder.resolve("demo");
  }

  /** The same beside a suite to hold categories against. */
  static AnalysisSetup withFloor(AnalysisSetup setup, Suite floor) {
    return new AnalysisSetup(
        setup.suite(),
        setup.model(),
        setup.corpus(),
        setup.only(),
        setup.split(),
        setup.tokens(),
        setup.context(),
        setup.seed(),
        setup.otherModel(),
        setup.skipBadLines(),
        setup.restart(),
        setup.lmDtype(),
        setup.device(),
        Optional.of(floor),
        setup.out());
  }
}
