package dev.loupe.analyze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loupe.dictionary.Suite;
import dev.loupe.files.ChildJvm;
import dev.loupe.files.FolderFiles;
import dev.loupe.files.FolderSums;
import dev.loupe.files.WorkPart;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.text.Progress;
import dev.loupe.text.SmallCorpus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Parts of an analysis make the bytes of the whole; what does not make it up is refused. */
@ExtendWith(LeakCheck.class)
final class AnalysisPartsTest {
  private static final long TOKENS = 50_000; // 7 pieces
  private static final String[] NAMES = {"L1R-1x", "L1TC-1x"};
  private static final int KILLED = 128 + 9;

  @TempDir private static Path shared;
  @TempDir private Path folder;

  private static String corpus;
  private static Suite suite;
  private static NavigableMap<String, String> expected;

  @BeforeAll
  static void analyse() {
    corpus = SmallCorpus.write(shared.resolve("corpus.jsonl"), 1_600).toString();
    suite = TestSuite.trainSmall(shared.resolve("suite"));
    Path out = shared.resolve("features");
    Analysis.run(setup(out), Progress.NONE, () -> false);
    expected = FolderSums.of(out);
    assertThat(expected).hasSize(2 * 8);
    writeParts(3, shared.resolve("three"));
  }

  private static AnalysisSetup setup(Path out) {
    return TestSuite.setup(suite, out, corpus, TOKENS, NAMES);
  }

  private static void write(int number, int of, Path parts) {
    // another folder for stores, since it plays no role
    AnalysisPart.write(
        setup(parts.resolve("nowhere")),
        new WorkPart(number, of),
        parts,
        Progress.NONE,
        () -> false);
  }

  /** Last to first: their order plays no role. */
  private static void writeParts(int of, Path parts) {
    for (int number = of; number >= 1; number--) {
      write(number, of, parts);
    }
  }

  /** The parts of three in a folder of the test's own. */
  private Path three() throws IOException {
    return FolderFiles.copy(shared.resolve("three"), folder.resolve("parts"));
  }

  private void refused(Path parts, String... words) {
    Path out = folder.resolve("out");
    assertThatThrownBy(() -> Analysis.merge(setup(out), parts, Progress.NONE, () -> false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(words);
    assertThat(out).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7})
  void partsMakeTheBytesOfTheWhole(int of) {
    Path parts = of == 3 ? shared.resolve("three") : folder.resolve("parts");
    if (of != 3) {
      writeParts(of, parts);
    }
    NavigableMap<String, String> before = FolderSums.of(parts);
    Path out = folder.resolve("out");
    Analysis.merge(setup(out), parts, Progress.NONE, () -> false);
    assertThat(FolderSums.of(out)).isEqualTo(expected);
    assertThat(FolderSums.of(parts)).as("parts stay as they are").isEqualTo(before);
  }

  @Test
  void eachDictionaryCanBeMergedByItself() throws IOException {
    Path parts = three();
    for (String name : NAMES) {
      AnalysisSetup one =
          TestSuite.setup(suite, folder.resolve("out-" + name), corpus, TOKENS, name);
      Analysis.merge(one, parts, Progress.NONE, () -> false);
      assertThat(FolderSums.of(one.out().resolve(name)))
          .isEqualTo(FolderSums.of(shared.resolve("features").resolve(name)));
    }
  }

  @Test
  void aMergeThatWasStoppedGoesOn() throws IOException {
    Path parts = three();
    Path out = folder.resolve("out");
    assertThatThrownBy(() -> Analysis.merge(setup(out), parts, Progress.NONE, () -> true))
        .isInstanceOf(CancellationException.class);
    Analysis.merge(setup(out), parts, Progress.NONE, () -> false);
    assertThat(FolderSums.of(out)).isEqualTo(expected);
  }

  @Test
  void partsOfAnotherRequestAreRefused() throws IOException {
    Path parts = three();
    AnalysisSetup fewer =
        TestSuite.setup(suite, folder.resolve("out"), corpus, TOKENS - 10_000, NAMES);
    assertThatThrownBy(() -> Analysis.merge(fewer, parts, Progress.NONE, () -> false))
        .hasMessageContaining("expected parts of what is asked for")
        .hasMessageContaining("part 1/3")
        .hasMessageContaining("differs in corpus_fingerprint, tokens");
    AnalysisSetup other =
        TestSuite.setup(suite, folder.resolve("out"), corpus, TOKENS, "L1R-1x", "L2R-1x");
    assertThatThrownBy(() -> Analysis.merge(other, parts, Progress.NONE, () -> false))
        .hasMessageContaining("differs in dictionaries");
    Path stranger = folder.resolve("stranger");
    AnalysisPart.write(fewer, new WorkPart(2, 3), stranger, Progress.NONE, () -> false);
    Files.move(parts.resolve("part-2-of-3"), folder.resolve("elsewhere"));
    Files.move(stranger.resolve("part-2-of-3"), parts.resolve("part-2-of-3"));
    refused(parts, "part 2/3", "differs in corpus_fingerprint, tokens");
  }

  @Test
  void anUnfinishedPartIsRefusedAndGoesOn() throws IOException {
    Path parts = three();
    Path part = parts.resolve("part-2-of-3");
    NavigableMap<String, String> whole = FolderSums.of(part);
    Files.move(part, folder.resolve("elsewhere"));
    AtomicInteger asked = new AtomicInteger();
    assertThatThrownBy(() ->
            AnalysisPart.write(
                setup(folder),
                new WorkPart(2, 3),
                parts,
                Progress.NONE,
                () -> asked.incrementAndGet() > 1))
        .isInstanceOf(CancellationException.class);
    assertThat(part.resolve("codes-000002.safetensors")).exists();
    refused(parts, "expected finished parts, got part 2/3");
    write(2, 3, parts);
    assertThat(FolderSums.of(part)).isEqualTo(whole);
  }

  /** In a JVM of its own, killed while it writes. */
  @Test
  void aKilledPartIsNotTakenForWhole() throws IOException {
    Path parts = three();
    Path part = parts.resolve("part-3-of-3");
    NavigableMap<String, String> whole = FolderSums.of(part);
    Files.move(part, folder.resolve("elsewhere"));
    List<String> output = new ArrayList<>();
    assertThat(child(parts, output)).as(String.join("\n", output)).isEqualTo(KILLED);
    refused(parts, "expected finished parts, got part 3/3");
    write(3, 3, parts);
    assertThat(FolderSums.of(part)).isEqualTo(whole);
  }

  /** Runs until something is encoded. */
  private static int child(Path parts, List<String> output) throws IOException {
    String[] arguments = {suite.directory().toString(), parts.toString(), corpus};
    return ChildJvm.watch(
        ChildJvm.brief(Child.class, arguments).start(),
        line -> line.startsWith("encoding") && !line.endsWith(" 0"),
        output);
  }

  /** The JVM that is killed: tells how far it is. */
  static final class Child {
    private Child() {}

    public static void main(String[] arguments) {
      suite = Suite.open(Path.of(arguments[0]));
      Path parts = Path.of(arguments[1]);
      corpus = arguments[2];
      Progress progress =
          (what, done, _) -> {
            System.out.println(what + " " + done);
            System.out.flush();
          };
      AnalysisPart.write(setup(parts), new WorkPart(3, 3), parts, progress, () -> false);
    }
  }
}
