package dev.loupe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import dev.loupe.files.FolderSums;
import dev.loupe.tensor.LeakCheck;
import java.nio.file.Path;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs of several passes of the model, each for some of the dictionaries. */
@ExtendWith(LeakCheck.class)
final class PassesTest {
  private static final List<DictionaryName> NAMES =
      Stream.of("L2R-2x", "L0M-2x", "L1TC-2x").map(DictionaryName::parse).toList();

  @TempDir private static Path shared;
  @TempDir private Path folder;

  private static NavigableMap<String, String> inOnePass;
  private static NavigableMap<String, String> inThree;

  @BeforeAll
  static void trainBoth() {
    // four hooks in one pass, two at most in each of three: 16,384 tokens of buffer in both
    SmallRun.in(shared.resolve("one")).with(BufferSetup.of(18_400_000)).with(NAMES, 1).train();
    inOnePass = FolderSums.ofSuite(shared.resolve("one"));
    three(shared.resolve("three")).train();
    inThree = FolderSums.ofSuite(shared.resolve("three"));
  }

  private static SmallRun three(Path out) {
    return SmallRun.in(out).with(BufferSetup.of(9_200_000)).with(NAMES, 3);
  }

  @Test
  void aDictionaryIsTheSameInWhicheverPass() {
    Set<String> all = new TreeSet<>(inOnePass.keySet());
    assertThat(inThree.keySet()).isEqualTo(all);
    assertThat(Suite.open(shared.resolve("one")).manifest().bufferTokens()).isEqualTo(16_384);
    all.removeIf(file -> file.equals("suite.json") || file.equals("checksums.json"));
    assertThat(all).isNotEmpty();
    assertThat(all)
        .allSatisfy(file -> assertThat(inThree.get(file)).as(file).isEqualTo(inOnePass.get(file)));
    Suite suite = Suite.open(shared.resolve("three"));
    assertThat(suite.manifest().passes()).isEqualTo(3);
    assertThat(suite.manifest().stepsDone()).isEqualTo(SmallRun.STEPS);
    assertThat(suite.names()).isEqualTo(NAMES);
  }

  /** After a pass of 24 steps, in the next, and in the last. */
  @ParameterizedTest
  @CsvSource({"24, 1", "30, 2", "60, 3"})
  void aStoppedRunGoesOnInItsPass(int steps, int dictionaries) {
    SmallRun run = three(folder.resolve("run"));
    SuiteTrainer.Result stopped = run.trainFor(steps);
    assertThat(stopped.isWhole()).isFalse();
    Suite suite = Suite.open(run.out());
    assertThat(suite.manifest().stepsDone()).isEqualTo(stopped.stepsDone());
    // layers in order: L0M, L1TC, L2R; those that are there open
    suite.names().forEach(name -> suite.dictionary(name).close());
    assertThat(suite.names()).hasSize(dictionaries);
    assertThat(TrainingSession.canGoOn(run.out())).isTrue();
    // goes on in as many passes as it has
    assertThat(run.resumedInItsPasses().train().isWhole()).isTrue();
    assertThat(FolderSums.ofSuite(run.out())).isEqualTo(inThree);
  }

  @Test
  void anotherNumberOfPassesIsAnotherRun() {
    SmallRun run = three(folder.resolve("run"));
    run.trainFor(30);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run.resumed().with(NAMES, 2).train())
        .withMessageContaining("passes: expected 3, got 2");
  }

  @Test
  void neighbouringLayersGoTogether() {
    assertThat(Passes.split(NAMES, 2).toString()).isEqualTo("[[L0M-2x], [L1TC-2x, L2R-2x]]");
    assertThat(Passes.split(NAMES, 1)).containsExactly(NAMES);
  }
}
