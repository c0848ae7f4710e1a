package dev.loupe.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loupe.dictionary.Suite;
import dev.loupe.files.Checksums;
import dev.loupe.files.FileFormatException;
import dev.loupe.files.FolderFiles;
import dev.loupe.files.WorkPart;
import dev.loupe.model.SmallModel;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.Progress;
import dev.loupe.text.SmallCorpus;
import dev.loupe.train.SmallRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Parts of an evaluation make the report of the whole; what does not make it up is refused. */
@ExtendWith(LeakCheck.class)
final class EvaluationPartsTest {
  private static final long TOKENS = 14_000; // 4 groups: of 7 parts some are empty
  private static final long LOSS_TOKENS = 6_000; // 2 or more batches

  @TempDir private static Path shared;
  @TempDir private Path folder;

  private static Path corpus;
  private static Report expected;

  @BeforeAll
  static void evaluate() {
    corpus = SmallCorpus.write(shared.resolve("corpus.jsonl"), 1_000);
    SmallRun.in(shared.resolve("suite"))
        .on(SmallModel.folder(), corpus.toString())
        .with("L2TC-2x")
        .train();
    expected = SuiteEvaluation.run(setup(TOKENS), Progress.NONE, () -> false);
    assertThat(expected.dictionaries()).hasSize(2); // with both gates
    writeParts(3, shared.resolve("three"));
  }

  private static SuiteEvaluation.Setup setup(long tokens) {
    return new SuiteEvaluation.Setup(
        Suite.open(shared.resolve("suite")),
        SmallModel.folder(),
        CorpusSpec.parse(corpus.toString()),
        List.of(),
        tokens,
        LOSS_TOKENS,
        0,
        0,
        Set.of(SuiteEvaluation.Beside.TRAINED_GATE),
        false,
        false,
        DType.F32,
        Device.CPU);
  }

  private static void write(int number, int of, Path parts) {
    EvaluationPart.write(
        setup(TOKENS), new WorkPart(number, of), parts, Progress.NONE, () -> false);
  }

  /** Last to first: their order plays no role. */
  private static void writeParts(int of, Path parts) {
    for (int number = of; number >= 1; number--) {
      write(number, of, parts);
    }
  }

  private static Report merge(Path parts) {
    return EvaluationPart.merge(setup(TOKENS), parts, Progress.NONE);
  }

  /** The parts of three in a folder of the test's own. */
  private Path three() throws IOException {
    return FolderFiles.copy(shared.resolve("three"), folder.resolve("parts"));
  }

  private static void refused(Path parts, String... words) {
    assertThatThrownBy(() -> merge(parts))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(words);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7})
  void partsMakeTheReportOfTheWhole(int of) {
    Path parts = of == 3 ? shared.resolve("three") : folder.resolve("parts");
    if (of != 3) {
      writeParts(of, parts);
    }
    Report found = merge(parts);
    expected
        .dictionaries()
        .forEach((name, metrics) -> assertThat(found.dictionaries().get(name)).isEqualTo(metrics));
    assertThat(found).isEqualTo(expected);
  }

  @Test
  void theReportHasAllKindsOfNumbers() {
    assertThat(expected.metric("L2TC-2x", "loss_recovered").tokens()).isGreaterThan(5_000);
    assertThat(expected.metric("L2TC-2x", "explained_variance_centred").low()).isPresent();
    assertThat(expected.metric("L2TC-2x", "kl").high()).isPresent();
    assertThat(expected.metric("L2TC-2x", "ultra_active_fraction").value()).isPresent();
  }

  @Test
  void partsOfAnotherRequestAreRefused() throws IOException {
    Path parts = three();
    assertThatThrownBy(() -> EvaluationPart.merge(setup(TOKENS - 3_000), parts, Progress.NONE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected parts of what is asked for")
        .hasMessageContaining("differs in corpus_fingerprint, tokens");
    Path part = parts.resolve("part-3-of-3");
    Files.move(part, folder.resolve("elsewhere"));
    EvaluationPart.write(
        setup(TOKENS - 3_000), new WorkPart(3, 3), parts, Progress.NONE, () -> false);
    refused(parts, "part 3/3", "differs in corpus_fingerprint, tokens");
    write(3, 3, parts); // in the place of the wrong one
    assertThat(merge(parts)).isEqualTo(expected);
  }

  @Test
  void aStoppedPartLeavesNothing() throws IOException {
    Path parts = three();
    Path part = parts.resolve("part-2-of-3");
    Files.move(part, folder.resolve("elsewhere"));
    AtomicInteger asked = new AtomicInteger();
    assertThatThrownBy(() ->
            EvaluationPart.write(
                setup(TOKENS),
                new WorkPart(2, 3),
                parts,
                Progress.NONE,
                () -> asked.incrementAndGet() > 1))
        .isInstanceOf(CancellationException.class);
    assertThat(part).doesNotExist();
    refused(parts, "got none of 2/3");
    // what a killed process leaves is hidden, and is no part
    Files.move(folder.resolve("elsewhere"), parts.resolve(".part-2-of-3.1.2.partial"));
    refused(parts, "got none of 2/3");
  }

  @Test
  void aDamagedPartIsRefused() throws IOException {
    Path parts = three();
    Path file = parts.resolve("part-2-of-3/rates-000000.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
    assertThatThrownBy(() -> merge(parts))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("rates-000000")
        .hasMessageContaining("expected SHA-256");
  }

  /** A retry of a part gives the same bytes. */
  @Test
  void aPartIsTheSameEachTime() throws IOException {
    Path again = folder.resolve("again");
    write(2, 3, again);
    String file = "part-2-of-3/" + Checksums.FILE;
    assertThat(again.resolve(file)).hasSameTextualContentAs(shared.resolve("three").resolve(file));
  }
}
