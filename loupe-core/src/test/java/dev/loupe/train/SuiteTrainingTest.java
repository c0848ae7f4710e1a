package dev.loupe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.activation.ActivationCache;
import dev.loupe.dictionary.Contract;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Gate;
import dev.loupe.dictionary.Suite;
import dev.loupe.files.Checksums;
import dev.loupe.files.Json;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.Torch;
import dev.loupe.text.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs on the bundled model, small. */
@ExtendWith(LeakCheck.class)
final class SuiteTrainingTest {
  private static final int STEPS = SmallRun.STEPS;

  @TempDir private Path folder;

  @AfterEach
  void oneThreadAgain() {
    Torch.start(1);
  }

  @Test
  void aRunWritesASuiteThatOpens() {
    Path out = folder.resolve("suite");
    SuiteTrainer.Result result = SmallRun.in(out).train();
    assertThat(result).isEqualTo(new SuiteTrainer.Result(STEPS, STEPS, ""));
    Suite suite = Suite.open(out);
    assertThat(suite.names()).isEqualTo(SmallRun.NAMES);
    assertThat(suite.manifest().stepsDone()).isEqualTo(STEPS);
    assertThat(out.resolve("resume")).doesNotExist();
    for (DictionaryName name : SmallRun.NAMES) {
      Checksums.verify(suite.folder(name));
      try (Dictionary dictionary = suite.dictionary(name)) {
        Contract contract = dictionary.contract();
        assertThat(contract.modelFingerprint()).isEqualTo(suite.manifest().modelFingerprint());
        assertThat(contract.gate()).isInstanceOf(Gate.JumpRelu.class);
        assertThat(contract.expected().orElseThrow().l0()).isCloseTo(8, within(0.8));
        assertThat(dictionary.features()).isEqualTo(128);
      }
    }
    Checksums.verify(out);
  }

  @Test
  void theLogHasTheSchedule() throws IOException {
    Path out = folder.resolve("suite");
    SmallRun.in(out).train();
    List<String> lines = Files.readAllLines(out.resolve("L1R-2x/training.jsonl"));
    assertThat(lines).hasSize(STEPS);
    ObjectNode first = (ObjectNode) Json.mapper().readTree(lines.getFirst());
    ObjectNode last = (ObjectNode) Json.mapper().readTree(lines.getLast());
    assertThat(first.get("k").asInt()).isEqualTo(32);
    assertThat(last.get("k").asInt()).isEqualTo(8);
    assertThat(last.get("tokens").asLong()).isEqualTo(STEPS * 128L);
    assertThat(last.get("loss").asDouble()).isPositive();
    assertThat(last.has("explained_variance") && last.has("explained_variance_legacy")).isTrue();
    assertThat(last.has("clip_rate") && last.has("dead_features")).isTrue();
  }

  @Test
  void resultsDoNotDependOnThreads() {
    Path one = folder.resolve("one");
    Path two = folder.resolve("two");
    SmallRun.in(one).train();
    Torch.start(2);
    SmallRun.in(two).train();
    assertThat(one.resolve("L1TC-2x/checkpoints/final.safetensors"))
        .hasSameBinaryContentAs(two.resolve("L1TC-2x/checkpoints/final.safetensors"));
  }

  /** The second run must not even load the model; a budget that ends midway makes no difference. */
  @Test
  void aCacheStandsForTheModel() {
    Path cache = folder.resolve("cache");
    train(folder.resolve("first"), cached(cache, 1 << 30), 0, true);
    train(folder.resolve("second"), cached(cache, 1 << 30), 0, false);
    train(folder.resolve("part"), cached(folder.resolve("small"), 4_000_000), 0, true);
    train(folder.resolve("parted"), cached(folder.resolve("small"), 4_000_000), 0, true);
    Torch.start(2);
    train(
        folder.resolve("rounded"),
        new BufferSetup(16 << 20, DType.BF16, Optional.empty()),
        0,
        true);
    for (String other : List.of("second", "part", "parted", "rounded")) {
      for (String file :
          List.of(
              "L1R-2x/checkpoints/final.safetensors",
              "L1R-2x/training.jsonl",
              "L1TC-2x/dictionary.json",
              "L1TC-2x/checkpoints/raw.safetensors")) {
        assertThat(folder.resolve(other).resolve(file))
            .hasSameBinaryContentAs(folder.resolve("first").resolve(file));
      }
    }
    assertThat(folder.resolve("second/suite.json"))
        .hasSameBinaryContentAs(folder.resolve("first/suite.json"))
        .content()
        .contains("\"buffer_dtype\": \"bfloat16\"");
  }

  @Test
  void anotherSeedHasAnotherCache() {
    Path cache = folder.resolve("cache");
    train(folder.resolve("first"), cached(cache, 1 << 30), 0, true);
    train(folder.resolve("second"), cached(cache, 1 << 30), 1, true);
    assertThat(cache.toFile().list()).hasSize(2);
  }

  @Test
  void aRunOnFloat32DoesNotGoOnRounded() {
    Path out = folder.resolve("suite");
    SmallRun run = SmallRun.in(out);
    run.trainFor(3);
    assertThatThrownBy(() -> run.resumed().with(cached(folder.resolve("cache"), 1 << 30)).train())
        .hasMessageContaining("buffer_dtype: expected float32, got bfloat16");
  }

  private static void train(Path out, BufferSetup buffer, long seed, boolean needsModel) {
    try (TrainingSession session = SmallRun.in(out).with(buffer).withSeed(seed).open()) {
      assertThat(session.run(Progress.NONE, () -> false).isWhole()).isTrue();
      assertThat(session.model().isLoaded()).isEqualTo(needsModel);
    }
  }

  private static BufferSetup cached(Path folder, long bytes) {
    ActivationCache.Place place = new ActivationCache.Place(folder, bytes);
    return new BufferSetup(16 << 20, DType.BF16, Optional.of(place));
  }

  @Test
  void aFolderWithSomethingInItIsLeftAlone() throws IOException {
    Files.writeString(folder.resolve("notes.txt"), "mine");
    assertThatThrownBy(() -> SmallRun.in(folder).train())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("notes.txt");
    assertThat(folder.toFile().list()).containsExactly("notes.txt");
  }
}
