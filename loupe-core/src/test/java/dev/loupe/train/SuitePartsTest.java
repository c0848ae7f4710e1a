package dev.loupe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.files.FolderSums;
import dev.loupe.files.IoFailures;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.text.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The passes of a run, each trained by itself, and the suite that they make. */
@ExtendWith(LeakCheck.class)
final class SuitePartsTest {
  private static final List<DictionaryName> NAMES =
      Stream.of("L2R-2x", "L0M-2x", "L1TC-2x").map(DictionaryName::parse).toList();

  @TempDir private Path folder;

  @Test
  void partsMakeTheSuiteOfOneProcess() throws IOException {
    SmallRun one = run("one", 2);
    one.train();
    List<Path> parts = trainParts(run("parts", 2));
    Path suite = Files.createDirectory(folder.resolve("suite"));
    SuiteParts.assemble(parts, run("suite", 2).setup(), suite);
    assertThat(FolderSums.ofSuite(suite)).isEqualTo(FolderSums.ofSuite(one.out()));
  }

  /** What suite.json says decides: nothing is moved before. */
  @Test
  void partsOfAnotherRunAreRefused() {
    SmallRun whole = run("whole", 3);
    List<Path> parts = List.of(part(whole, 0), part(whole, 1), part(whole, 2));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SuiteParts.assemble(parts, run("suite", 2).setup(), folder))
        .withMessageContaining(
            "expected 2 parts, number 2 with [L1TC-2x, L2R-2x], got 3 with [L1TC-2x]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SuiteParts.assemble(parts, whole.withSeed(1).setup(), folder))
        .withMessageContaining("seed: expected 0, got 1");
    List<Path> mixed = List.of(parts.get(0), part(run("other", 3).withSeed(1), 1), parts.get(2));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SuiteParts.assemble(mixed, whole.setup(), folder))
        .withMessageContaining("got [L0M-2x] of one and [L1TC-2x] of another")
        .withMessageContaining("seed: expected 0, got 1");
  }

  /** At steps 2 to 22 and at the last one; what it throws is no reason to stop. */
  @Test
  void everyStateIsToldOf() {
    List<Long> told = new ArrayList<>();
    StateWatch watch =
        (suite, number) -> {
          assertThat(suite.resolve("resume/step-" + number + "/state.json")).isRegularFile();
          told.add(number);
          throw IoFailures.writing(suite, new IOException("no network"));
        };
    TrainingSetup setup = run("watched", 1).setup();
    train(setup.into(setup.out(), Device.CPU, Resume.NO, watch));
    assertThat(told).hasSize(SmallRun.STEPS / 2).endsWith((long) SmallRun.STEPS);
  }

  /** Four hooks in all passes together or two in each: the buffer is the same. */
  private SmallRun run(String name, int passes) {
    return SmallRun.in(folder.resolve(name)).with(BufferSetup.of(9_200_000)).with(NAMES, passes);
  }

  /** The suite.json of a part that is stopped after its first step. */
  private Path part(SmallRun whole, int number) {
    Path place = whole.out().resolve("part-" + number);
    TrainingSetup setup = SuiteParts.split(whole.setup()).get(number);
    try (TrainingSession session =
        TrainingSession.open(
            setup.into(place, Device.CPU, Resume.NO, StateWatch.NONE), Progress.NONE)) {
      SmallRun.StopAfter stop = new SmallRun.StopAfter(1);
      session.run(stop, stop);
    }
    return place;
  }

  private static List<Path> trainParts(SmallRun whole) {
    List<Path> folders = new ArrayList<>();
    for (TrainingSetup part : SuiteParts.split(whole.setup())) {
      Path folder = whole.out().resolve("part-" + folders.size());
      train(part.into(folder, Device.CPU, Resume.NO, StateWatch.NONE));
      folders.add(folder);
    }
    return folders;
  }

  private static void train(TrainingSetup setup) {
    try (TrainingSession session = TrainingSession.open(setup, Progress.NONE)) {
      assertThat(session.run(Progress.NONE, () -> false).isWhole()).isTrue();
    }
  }
}
