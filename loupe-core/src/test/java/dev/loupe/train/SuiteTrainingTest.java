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
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
        assertThat(dictionary.features()).isEqualTo(512);
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
    assertThat(first.get("k").asInt()).isEqualTo(128);
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

  @Test
  void aFolderWithSomethingInItIsLeftAlone() throws IOException {
    Files.writeString(folder.resolve("notes.txt"), "mine");
    assertThatThrownBy(() -> SmallRun.in(folder).train())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("notes.txt");
    assertThat(folder.toFile().list()).containsExactly("notes.txt");
  }
}
