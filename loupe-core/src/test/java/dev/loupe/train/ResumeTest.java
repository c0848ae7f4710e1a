package dev.loupe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.dictionary.Suite;
import dev.loupe.files.AtomicFile;
import dev.loupe.files.AtomicFolder;
import dev.loupe.files.FileFormatException;
import dev.loupe.files.FolderFiles;
import dev.loupe.files.FolderSums;
import dev.loupe.files.Json;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.Torch;
import dev.loupe.text.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs that stop and go on, in this process; {@link KilledRunTest} kills real ones. */
@ExtendWith(LeakCheck.class)
final class ResumeTest {
  @TempDir private static Path shared;
  @TempDir private Path folder;

  private static NavigableMap<String, String> undisturbed;

  /** An undisturbed run, and one stopped after 11 steps, with states of 10 and 11. */
  @BeforeAll
  static void trainBoth() {
    SmallRun.in(shared.resolve("whole")).train();
    undisturbed = FolderSums.ofSuite(shared.resolve("whole"));
    SmallRun.in(shared.resolve("stopped")).trainFor(11);
  }

  @AfterEach
  void oneThreadAgain() {
    Torch.start(1);
  }

  private SmallRun stopped() {
    return SmallRun.in(copy("stopped")).resumed();
  }

  private Path copy(String name) {
    return FolderFiles.copy(shared.resolve(name), folder.resolve(name));
  }

  @Test
  void aStoppedRunGoesOnToTheSameBytes() {
    SmallRun run = stopped();
    assertThat(run.out().resolve("resume").toFile().list())
        .containsExactlyInAnyOrder("step-10", "step-11");
    assertThat(Suite.open(run.out()).manifest().stepsDone()).isEqualTo(11);
    assertThat(run.train().isWhole()).isTrue();
    assertThat(FolderSums.ofSuite(run.out())).isEqualTo(undisturbed);
  }

  @Test
  void whatKeepsFeaturesAliveIsPartOfTheState() throws IOException {
    Sweep all = new Sweep();
    String values =
        """
        {"centre_inputs": [true], "init_directions": ["subspace"], "aux_k": [16],
         "aux_silent_share": [0.1], "batch_gate_share": [0.3]}\
        """;
    Json.mapper()
        .readTree(values)
        .properties()
        .forEach(value -> all.with(value.getKey(), List.of(value.getValue().get(0))));
    SmallRun whole = SmallRun.in(folder.resolve("whole")).with(all);
    whole.train();
    SmallRun stopped = SmallRun.in(folder.resolve("stopped")).with(all);
    for (int steps : new int[] {0, 11, 8}) { // before the first, amid, after the gate has changed
      (Files.exists(stopped.out()) ? stopped.resumed() : stopped).trainFor(steps);
    }
    stopped.resumed().train();
    assertThat(FolderSums.ofSuite(stopped.out())).isEqualTo(FolderSums.ofSuite(whole.out()));
  }

  /** What can become of the files of a state. */
  enum Damage {
    FLIPPED_BYTE("L1TC-2x.safetensors", "SHA-256") {
      @Override
      void make(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 4;
        Files.write(file, bytes);
      }
    },
    CUT_OFF("state.json", "SHA-256") {
      @Override
      void make(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
      }
    },
    LOST("L1R-2x.safetensors", "got no file") {
      @Override
      void make(Path file) throws IOException {
        Files.delete(file);
      }
    },
    NO_CHECKSUMS("checksums.json", "no such file") {
      @Override
      void make(Path file) throws IOException {
        Files.delete(file);
      }
    };

    private final String file;
    private final String told;

    Damage(String file, String told) {
      this.file = file;
      this.told = told;
    }

    abstract void make(Path file) throws IOException;

    void makeIn(Path suite, int step) throws IOException {
      make(suite.resolve("resume/step-" + step).resolve(file));
    }
  }

  @ParameterizedTest
  @EnumSource
  void ofADamagedStateTheOneBeforeIsUsed(Damage damage) throws IOException {
    Path suite = copy("stopped");
    damage.makeIn(suite, 11);
    try (LogLines log = LogLines.of(ResumeState.class)) {
      assertThat(ResumeState.latest(suite).orElseThrow().step()).isEqualTo(10);
      assertThat(log.lines())
          .singleElement()
          .asString()
          .contains("state of step 11", damage.file, damage.told, "step 10 before it is used");
    }
  }

  @Test
  void withoutAWholeStateNothingIsDone() throws IOException {
    SmallRun run = stopped();
    Damage.FLIPPED_BYTE.makeIn(run.out(), 11);
    Damage.CUT_OFF.makeIn(run.out(), 10);
    NavigableMap<String, String> before = FolderSums.ofSuite(run.out());
    assertThatThrownBy(run::train)
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("step 11 is damaged")
        .hasMessageContaining("step 10 is damaged")
        .hasMessageContaining("another folder");
    assertThat(FolderSums.ofSuite(run.out())).isEqualTo(before);
  }

  @Test
  void statesThatAreGoneAreNotABeginning() {
    SmallRun run = stopped();
    AtomicFolder.delete(run.out().resolve("resume/step-10"));
    AtomicFolder.delete(run.out().resolve("resume/step-11"));
    assertThatThrownBy(run::train).hasMessageContaining("0 states");
  }

  @Test
  void whatAKillOrACrashLeavesIsRemoved() throws IOException {
    SmallRun run = stopped();
    Damage.FLIPPED_BYTE.makeIn(run.out(), 11);
    Path log = run.out().resolve("L1R-2x/training.jsonl");
    Files.writeString(
        log, "{\"step\":11,\"loss\":1}\n\n\0\0\0{\"step\": 1", StandardOpenOption.APPEND);
    Files.createDirectories(run.out().resolve("resume/.step-12.7.ab.partial"));
    Files.writeString(run.out().resolve("resume/.step-12.7.ab.partial/state.json"), "{");
    Files.writeString(run.out().resolve("L1R-2x/.dictionary.json.7.ab.partial"), "{");
    Files.writeString(run.out().resolve(".suite.json.7.ab.partial"), "{");
    run.train();
    assertThat(FolderSums.ofSuite(run.out())).isEqualTo(undisturbed);
  }

  @Test
  void aRunKilledBeforeItsFirstStateBegins() throws IOException {
    SmallRun run = SmallRun.in(folder.resolve("early"));
    Files.createDirectories(run.out().resolve("resume/.step-0.7.ab.partial"));
    run.resumed().train();
    assertThat(FolderSums.ofSuite(run.out())).isEqualTo(undisturbed);
  }

  @Test
  void resumingNothingSaysSo() {
    SmallRun run = SmallRun.in(folder.resolve("none")).resumed();
    assertThatThrownBy(run::train).hasMessageContaining("nothing to resume");
    assertThat(run.out()).doesNotExist();
  }

  @Test
  void resumingSomethingElseIsRefusedByName() {
    assertThatThrownBy(stopped().withSeed(7)::train)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "expected the run as it was begun, got another: seed: expected 0, got 7; give what it"
                + " was begun with, or train into another folder");
  }

  @Test
  void otherThreadsNeedTheirOptionAndAreRecorded() {
    SmallRun run = stopped();
    Torch.start(2);
    assertThatThrownBy(run::train)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("threads: expected 1, got 2; --resume-inexact");
    run.resumedInexactly().trainFor(2);
    run.train(); // on what it was trained last: nothing to record
    Suite.Manifest manifest = Suite.open(run.out()).manifest();
    assertThat(manifest.threads()).isEqualTo(1);
    assertThat(manifest.resumedInexactly())
        .singleElement()
        .satisfies(resume -> {
          assertThat(resume.step()).isEqualTo(11);
          assertThat(resume.threads()).isEqualTo(2);
          assertThat(resume.machine()).isEqualTo(manifest.machine());
        });
  }

  @Test
  void aFinishedRunIsLeftAsItIs() throws IOException {
    Path whole = copy("whole");
    SmallRun run = SmallRun.in(whole).resumed();
    assertThat(run.train().isWhole()).isTrue();
    assertThat(FolderSums.ofSuite(whole)).isEqualTo(undisturbed);
    assertThatThrownBy(run.withSeed(7)::train).hasMessageContaining("seed: expected 0, got 7");

    // killed as it removed its states
    Files.delete(whole.resolve("checksums.json"));
    Files.createDirectories(whole.resolve("resume/step-24"));
    Files.writeString(whole.resolve("resume/step-24/state.json"), "{}");
    assertThat(run.train().isWhole()).isTrue();
    assertThat(FolderSums.ofSuite(whole)).isEqualTo(undisturbed);
  }

  @Test
  void stoppedWhileTheBufferFillsItWritesNothing() {
    SmallRun run = SmallRun.in(folder.resolve("filling"));
    assertThatThrownBy(() -> run.train(Progress.NONE, () -> true, SmallRun::step))
        .isInstanceOf(CancellationException.class)
        .hasMessageContaining("tokens in the buffer, before the first step: nothing was begun");
    assertThat(run.out()).doesNotExist();

    run.trainFor(5);
    assertThatThrownBy(() -> run.resumed().train(Progress.NONE, () -> true, SmallRun::step))
        .isInstanceOf(CancellationException.class)
        .hasMessageEndingWith("the same command with --resume goes on");
    assertThat(run.resumed().train().isWhole()).isTrue();
    assertThat(FolderSums.ofSuite(run.out())).isEqualTo(undisturbed);
  }

  @Test
  void aStateThatCannotBeWrittenCostsNothing() {
    SmallRun run = SmallRun.in(folder.resolve("full"));
    Progress failing = new Disturbance("saving the state", 1, 3, partialStates(run.out()));
    try (LogLines log = LogLines.of(SuiteTrainer.class)) {
      SuiteTrainer.Result stopped =
          run.train(new SmallRun.StopAfter(5, failing)); // states of 0, 2 and 5
      assertThat(stopped.stepsDone()).isEqualTo(5);
      assertThat(log.lines())
          .singleElement()
          .asString()
          .contains("the state of step 4 is not saved", "the state of step 2 stays");
    }
    assertThat(run.out().resolve("resume").toFile().list())
        .containsExactlyInAnyOrder("step-2", "step-5");
    run.resumed().train();
    assertThat(FolderSums.ofSuite(run.out())).isEqualTo(undisturbed);
  }

  /** The folder being written is gone: to the writer the same as a disk without room. */
  private static Runnable partialStates(Path suite) {
    return () -> AtomicFolder.removePartials(suite.resolve("resume"), 1);
  }

  @Test
  void whatFailsInTheEndCostsNoTraining() throws IOException {
    SmallRun run = SmallRun.in(folder.resolve("full"));
    Path inTheWay = run.out().resolve("L1TC-2x/checkpoints");
    Progress failing =
        new Disturbance(
            "writing",
            1,
            1,
            () -> AtomicFile.writeText(inTheWay, "a file where a folder is to be"));
    assertThatThrownBy(() -> run.trainTelling(failing))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("kept up to step 24");
    Files.delete(inTheWay);
    List<String> events = new ArrayList<>();
    run.resumed().trainTelling((what, _, _) -> events.add(what));
    assertThat(events).contains("calibrating", "writing").doesNotContain("training");
    assertThat(FolderSums.ofSuite(run.out())).isEqualTo(undisturbed);
  }

  @Test
  void theLogOfClippedStepsIsCountedOverAStop() throws IOException {
    JsonNode state = Json.readObject(shared.resolve("stopped/resume/step-11/state.json"));
    JsonNode counters = state.path("dictionaries").path("L1R-2x");
    assertThat(counters.path("next_step").asInt()).isEqualTo(11);
    assertThat(counters.path("losses").size()).isEqualTo(11);
    ObjectNode sums = Json.readObject(shared.resolve("stopped/resume/step-11/checksums.json"));
    assertThat(sums.fieldNames())
        .toIterable()
        .containsExactly("L1R-2x.safetensors", "L1TC-2x.safetensors", "state.json");
  }

  /** Does something when an event has been reported so many times with a number done. */
  private static final class Disturbance implements Progress {
    private final String what;
    private final long done;
    private final Runnable action;
    private int times;

    Disturbance(String what, long done, int times, Runnable action) {
      this.what = what;
      this.done = done;
      this.times = times;
      this.action = action;
    }

    @Override
    public void report(String event, long eventDone, long total) {
      if (event.equals(what) && eventDone == done && --times == 0) {
        action.run();
      }
    }
  }
}
