package dev.loupe.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loupe.analyze.Analysis;
import dev.loupe.analyze.AnalysisSetup;
import dev.loupe.analyze.TestSuite;
import dev.loupe.dictionary.Suite;
import dev.loupe.evaluate.PositionReport;
import dev.loupe.evaluate.Report;
import dev.loupe.evaluate.SuiteEvaluation;
import dev.loupe.figure.Cell;
import dev.loupe.figure.Document;
import dev.loupe.figure.DocumentFiles;
import dev.loupe.figure.Exhibit;
import dev.loupe.figure.Figure;
import dev.loupe.figure.FigureTable;
import dev.loupe.figure.Mark;
import dev.loupe.figure.Section;
import dev.loupe.files.AtomicFolder;
import dev.loupe.model.ModelFolder;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.DemoSample;
import dev.loupe.text.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The report of a small suite: it holds what the commands measured, and says what it lacks. */
final class SuiteReportTest {
  @TempDir private static Path folder;
  private static Suite suite;

  private static SuiteEvaluation.Setup setup(
      String corpus, int context, Set<SuiteEvaluation.Beside> beside) {
    return new SuiteEvaluation.Setup(
        suite,
        ModelFolder.resolve("demo"),
        CorpusSpec.parse(corpus),
        List.of(),
        3_000,
        500,
        context,
        0,
        beside,
        false,
        false,
        DType.F32,
        Device.CPU);
  }

  @BeforeAll
  static void measure() throws IOException {
    suite = TestSuite.train(folder.resolve("suite"));
    Files.createDirectories(suite.directory().resolve("reports"));
    SuiteEvaluation.run(
            setup(DemoSample.both(), 0, Set.of(SuiteEvaluation.Beside.values())),
            Progress.NONE,
            () -> false)
        .write(suite.directory().resolve("reports/evaluation.json"));
    SuiteEvaluation.byPosition(setup(DemoSample.books(), 96, Set.of()), Progress.NONE, () -> false)
        .write(suite.directory().resolve("reports/positions.json"));
    Analysis.run(
        TestSuite.setup(suite, AnalysisSetup.features(suite), DemoSample.both(), 5_000),
        Progress.NONE,
        () -> false);
  }

  private static <T extends Exhibit> T exhibit(Document document, String id, Class<T> type) {
    return document.exhibits().stream()
        .filter(each -> each.id().equals(id))
        .map(type::cast)
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + id));
  }

  @Test
  void holdsWhatWasMeasured() {
    Document document = SuiteReport.of(suite, Optional.of(suite));
    assertThat(document.sections())
        .extracting(Section::id)
        .containsExactly("fidelity", "training", "firing", "long-context");
    Report report = Report.read(suite.directory().resolve("reports/evaluation.json"));
    FigureTable summary = exhibit(document, "summary", FigureTable.class);
    assertThat(summary.rows()).hasSize(suite.names().size());
    for (List<Cell> row : summary.rows()) {
      String name = ((Cell.Text) row.getFirst()).text();
      assertThat(((Cell.Measured) row.get(1)).estimate().value())
          .isEqualTo(report.metric(name, "l0").value().orElseThrow());
      assertThat(((Cell.Measured) row.get(4)).estimate().low())
          .isEqualTo(report.metric(name, "delta_loss").low().orElseThrow());
      assertThat(row.get(row.size() - 2)).as("beside itself").isEqualTo(row.get(2));
    }
    FigureTable floors = exhibit(document, "floors", FigureTable.class);
    assertThat(floors.rows().toString()).contains("pca", "random", "topkgate");
    Figure rates = exhibit(document, "firing-rates", Figure.class);
    Mark.Histogram histogram = (Mark.Histogram) rates.panels().getFirst().marks().getFirst();
    assertThat(histogram.counts().stream().mapToDouble(Double::doubleValue).sum())
        .isBetween(0.05, 1.000001);
    PositionReport positions =
        PositionReport.read(suite.directory().resolve("reports/positions.json"));
    Figure byPosition = exhibit(document, "by-position", Figure.class);
    Mark.Line line = (Mark.Line) byPosition.panels().getFirst().marks().getFirst();
    assertThat(line.points()).hasSameSizeAs(positions.dictionaries().get(line.name()).ranges());
  }

  @Test
  void isWrittenAndReadBack() throws IOException {
    Document document = SuiteReport.of(suite, Optional.empty());
    Path out = folder.resolve("out");
    DocumentFiles.write(out, document);
    assertThat(Document.read(out.resolve(DocumentFiles.JSON))).isEqualTo(document);
    assertThat(Files.readAllLines(out.resolve("data/summary.csv")))
        .hasSize(1 + suite.names().size());
    String page = Files.readString(out.resolve(DocumentFiles.PAGE));
    assertThat(page).contains("<svg", "./loupe evaluate", "Every dictionary by layer");
    byte[] first = Files.readAllBytes(out.resolve(DocumentFiles.PAGE));
    DocumentFiles.write(out, SuiteReport.of(suite, Optional.empty()));
    assertThat(Files.readAllBytes(out.resolve(DocumentFiles.PAGE))).isEqualTo(first);
  }

  @Test
  void nothingToReportIsSaid(@TempDir Path other) throws IOException {
    Path empty = other.resolve("empty");
    Files.createDirectories(empty);
    Files.copy(suite.directory().resolve("suite.json"), empty.resolve("suite.json"));
    for (var name : suite.names()) {
      Files.createDirectories(empty.resolve(name.toString()));
    }
    assertThatThrownBy(() -> SuiteReport.of(Suite.open(empty), Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("run evaluate or analyze");
    AtomicFolder.delete(empty);
  }
}
