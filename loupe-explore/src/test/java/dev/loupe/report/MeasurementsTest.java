package dev.loupe.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.loupe.analyze.AnalysisSetup;
import dev.loupe.analyze.TestSuite;
import dev.loupe.dictionary.Suite;
import dev.loupe.evaluate.Report;
import dev.loupe.figure.Exhibit;
import dev.loupe.figure.Section;
import dev.loupe.files.AtomicFolder;
import dev.loupe.files.FolderFiles;
import dev.loupe.model.ModelFolder;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.DemoSample;
import dev.loupe.text.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a report lacks is measured once, and what is not for the suite is said. */
final class MeasurementsTest {
  private static final Budget SMALL = new Budget(2_000, 300, 1_000, 200, 4_000, 4_000, 6_000, 400);
  private static final List<String> COMMAND = List.of("loupe", "report");
  @TempDir private static Path folder;
  private static Suite suite;
  private static List<String> first;

  private static MeasureSetup setup(String model, Set<Part> parts) {
    return setup(suite, model, Optional.empty(), parts, SMALL);
  }

  private static MeasureSetup setup(
      Suite of, String model, Optional<Suite> beside, Set<Part> parts, Budget budget) {
    return new MeasureSetup(
        of,
        ModelFolder.resolve(model),
        CorpusSpec.parse(DemoSample.both()),
        Optional.of(
            new MeasureSetup.Tuned(
                ModelFolder.resolve("demo-chat"), CorpusSpec.parse(DemoSample.chat()))),
        beside,
        parts,
        budget,
        0,
        false,
        DType.F32,
        Device.CPU,
        COMMAND);
  }

  private static List<String> run(String model, Set<Part> parts) {
    return run(setup(model, parts));
  }

  private static List<String> run(MeasureSetup setup) {
    List<String> said = new ArrayList<>();
    Measurements.run(setup, Progress.NONE, () -> false, said::add);
    return said;
  }

  @BeforeAll
  static void measure() {
    suite = TestSuite.train(folder.resolve("suite"));
    first = run("demo", EnumSet.allOf(Part.class));
  }

  private static Exhibit exhibit(String id) {
    return SuiteReport.of(suite, Optional.empty()).exhibits().stream()
        .filter(exhibit -> exhibit.id().equals(id))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + id));
  }

  private static List<Path> reports() throws IOException {
    try (Stream<Path> files = Files.list(suite.directory().resolve("reports"))) {
      return files.sorted().toList();
    }
  }

  @Test
  void everyPartIsMeasuredAndShown() throws IOException {
    assertThat(first).hasSize(Part.values().length);
    assertThat(first.stream().filter(line -> !line.endsWith(": measured")).toList())
        .allMatch(
            line -> line.startsWith("positions: left out") || line.startsWith("probing: left"));
    assertThat(SuiteReport.of(suite, Optional.empty()).sections())
        .extracting(Section::id)
        .contains("fidelity", "training", "firing", "fine-tuned", "geometry");
    assertThat(exhibit("map").command()).startsWith("./loupe geometry SUITE --features L");
    assertThat(exhibit("dead-features").table().rows()).isNotEmpty();
    assertThat(reports())
        .extracting(file -> file.getFileName().toString())
        .contains("geometry.json", "transfer.json", "splitting-L1R-1x-L1R-2x.json");
  }

  @Test
  void theSuiteBesideIsTheFloorOfCategories() {
    Suite other = Suite.open(FolderFiles.copy(suite.directory(), folder.resolve("other")));
    AtomicFolder.delete(AnalysisSetup.features(other));
    Set<Part> analysis = EnumSet.of(Part.ANALYSIS);
    Budget fewer = new Budget(2_000, 300, 1_000, 200, 2_000, 4_000, 6_000, 400);
    assertThat(run(setup(other, "demo", Optional.of(suite), analysis, fewer)))
        .singleElement(STRING)
        .contains("left out, expected a floor that was analysed on the same tokens");
    assertThat(run(setup(other, "demo", Optional.of(suite), analysis, SMALL)))
        .containsExactly("analysis: measured");
  }

  @Test
  void whatIsThereStays() throws IOException {
    List<byte[]> before = new ArrayList<>();
    for (Path file : reports()) {
      before.add(Files.readAllBytes(file));
    }
    Set<Part> parts = EnumSet.of(Part.EVALUATION, Part.TRANSFER, Part.GEOMETRY, Part.SPLITTING);
    assertThat(run("demo", parts)).allMatch(line -> line.endsWith(": is there"));
    List<Path> after = reports();
    for (int i = 0; i < after.size(); i++) {
      assertThat(after.get(i)).hasBinaryContent(before.get(i));
    }
  }

  @Test
  void anEvaluationWithoutFloorsIsTakenAgainOnAsMuch() throws IOException {
    Path file = suite.directory().resolve("reports/evaluation.json");
    byte[] whole = Files.readAllBytes(file);
    Report report = Report.read(file);
    var own = new java.util.LinkedHashMap<>(report.dictionaries());
    own.keySet().removeIf(name -> name.contains("random") || name.contains("topkgate"));
    new Report(
            report.format(),
            report.model(),
            report.modelFingerprint(),
            report.corpus(),
            report.corpusFingerprint(),
            report.context(),
            report.tokens(),
            report.lossTokens(),
            report.documents(),
            report.lossDocuments(),
            report.excluded(),
            report.bootstrapSamples(),
            report.seed(),
            own)
        .write(file);
    assertThat(run("demo", EnumSet.of(Part.EVALUATION))).containsExactly("evaluation: measured");
    Report again = Report.read(file);
    assertThat(again.dictionaries().keySet()).isEqualTo(report.dictionaries().keySet());
    assertThat(again.tokens()).isGreaterThanOrEqualTo(report.tokens());
    Files.write(file, whole);
  }

  @Test
  void anotherModelIsRefused() {
    assertThatThrownBy(() -> run("demo-random", EnumSet.allOf(Part.class)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected the model demo");
  }

  @Test
  void partsThatAreNoneAreRefused() {
    assertThat(Part.parse("splitting")).isEqualTo(Part.SPLITTING);
    assertThatThrownBy(() -> Part.parse("umap"))
        .hasMessageContaining("expected parts of [evaluation, positions");
  }
}
