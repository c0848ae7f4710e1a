package dev.loupe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.dictionary.Contract;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Gate;
import dev.loupe.dictionary.Suite;
import dev.loupe.files.Checksums;
import dev.loupe.files.Json;
import dev.loupe.model.ModelFolder;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.Torch;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs on the bundled model, small. */
@ExtendWith(LeakCheck.class)
final class SuiteTrainingTest {
  private static final List<DictionaryName> NAMES =
      List.of(DictionaryName.parse("L1R-2x"), DictionaryName.parse("L1TC-2x"));
  private static final int STEPS = 24;

  @TempDir private Path folder;

  @AfterEach
  void oneThreadAgain() {
    Torch.start(1);
  }

  @Test
  void aRunWritesASuiteThatOpens() {
    Path out = folder.resolve("suite");
    SuiteTrainer.Result result = train(out, false, () -> false);
    assertThat(result).isEqualTo(new SuiteTrainer.Result(STEPS, STEPS, ""));
    Suite suite = Suite.open(out);
    assertThat(suite.names()).isEqualTo(NAMES);
    assertThat(suite.manifest().stepsDone()).isEqualTo(STEPS);
    assertThat(out.resolve("resume")).doesNotExist();
    for (DictionaryName name : NAMES) {
      Checksums.verify(suite.folder(name));
      try (Dictionary dictionary = suite.dictionary(name)) {
        Contract contract = dictionary.contract();
        assertThat(contract.modelFingerprint()).isEqualTo(suite.manifest().modelFingerprint());
        assertThat(contract.gate()).isInstanceOf(Gate.JumpRelu.class);
        assertThat(contract.expected().orElseThrow().l0()).isCloseTo(8, within(0.8));
        assertThat(dictionary.features()).isEqualTo(512);
      }
    }
    Checksums.verify(out);
  }

  @Test
  void theLogHasTheSchedule() throws IOException {
    Path out = folder.resolve("suite");
    train(out, false, () -> false);
    List<String> lines = Files.readAllLines(out.resolve("L1R-2x/training.jsonl"));
    assertThat(lines).hasSize(STEPS);
    ObjectNode first = (ObjectNode) Json.mapper().readTree(lines.getFirst());
    ObjectNode last = (ObjectNode) Json.mapper().readTree(lines.getLast());
    assertThat(first.get("k").asInt()).isEqualTo(128);
    assertThat(last.get("k").asInt()).isEqualTo(8);
    assertThat(last.get("tokens").asLong()).isEqualTo(STEPS * 128L);
    assertThat(last.get("loss").asDouble()).isPositive();
    assertThat(last.has("explained_variance") && last.has("explained_variance_legacy")).isTrue();
    assertThat(last.has("clip_rate") && last.has("dead_features")).isTrue();
  }

  @Test
  void stoppedAndResumedGivesTheSameBytes() {
    Path whole = folder.resolve("whole");
    Path parts = folder.resolve("parts");
    train(whole, false, () -> false);
    AtomicInteger asked = new AtomicInteger();
    SuiteTrainer.Result stopped = train(parts, false, () -> asked.incrementAndGet() > 10);
    assertThat(stopped.stepsDone()).isEqualTo(10);
    assertThat(Suite.open(parts).manifest().stepsDone()).isEqualTo(10);
    SuiteTrainer.Result resumed = train(parts, true, () -> false);
    assertThat(resumed.isWhole()).isTrue();
    for (String file :
        List.of(
            "suite.json",
            "L1R-2x/checkpoints/raw.safetensors",
            "L1R-2x/checkpoints/final.safetensors",
            "L1R-2x/dictionary.json",
            "L1R-2x/training.jsonl",
            "L1TC-2x/checkpoints/final.safetensors",
            "L1TC-2x/probe.safetensors")) {
      assertThat(whole.resolve(file)).hasSameBinaryContentAs(parts.resolve(file));
    }
  }

  @Test
  void resultsDoNotDependOnThreads() {
    Path one = folder.resolve("one");
    Path two = folder.resolve("two");
    train(one, false, () -> false);
    Torch.start(2);
    train(two, false, () -> false);
    assertThat(one.resolve("L1TC-2x/checkpoints/final.safetensors"))
        .hasSameBinaryContentAs(two.resolve("L1TC-2x/checkpoints/final.safetensors"));
  }

  @Test
  void resumingSomethingElseIsRefusedByName() {
    Path out = folder.resolve("suite");
    AtomicInteger asked = new AtomicInteger();
    train(out, false, () -> asked.incrementAndGet() > 3);
    TrainingSetup other = setup(out, true, 7);
    assertThatThrownBy(() -> run(other, () -> false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("another seed (7, was 0)");
  }

  @Test
  void aFolderWithSomethingInItIsLeftAlone() throws IOException {
    Files.writeString(folder.resolve("notes.txt"), "mine");
    assertThatThrownBy(() -> train(folder, false, () -> false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("notes.txt");
    assertThat(folder.toFile().list()).containsExactly("notes.txt");
  }

  @Test
  void resumingNothingSaysSo() {
    assertThatThrownBy(() -> train(folder.resolve("none"), true, () -> false))
        .hasMessageContaining("nothing to resume");
    assertThat(folder.resolve("none")).doesNotExist();
  }

  private static SuiteTrainer.Result train(Path out, boolean resume, BooleanSupplier stop) {
    return run(setup(out, resume, 0), stop);
  }

  private static SuiteTrainer.Result run(TrainingSetup setup, BooleanSupplier stop) {
    try (TrainingSession session = TrainingSession.open(setup, Progress.NONE)) {
      return session.run(Progress.NONE, stop);
    }
  }

  private static TrainingSetup setup(Path out, boolean resume, long seed) {
    return new TrainingSetup(
        ModelFolder.resolve("demo"),
        CorpusSpec.parse("demo:wordnet"),
        recipe(),
        NAMES,
        STEPS * 128L,
        1,
        seed,
        64 << 20,
        DType.F32,
        Device.CPU,
        false,
        out,
        resume);
  }

  private static Recipe recipe() {
    ObjectNode json = Json.mapper().valueToTree(Recipe.load("demo"));
    json.put("batch", 128).put("k", 8).put("context", 64);
    json.put("norm_tokens", 512).put("calibration_tokens", 8192).put("peak_learning_rate", 8e-4);
    return Json.mapper().convertValue(json, Recipe.class);
  }
}
