package dev.loupe.figure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import dev.loupe.files.FileFormatException;
import dev.loupe.files.FolderSums;
import dev.loupe.files.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Element;

/** Documents as JSON, CSV and pages, and what their parts refuse. */
final class DocumentTest {
  private static final Axis X = Axis.linear("x", "");
  private static final Axis LOG = Axis.log("x", "");

  @TempDir Path folder;

  @Test
  void jsonReadsBackAsWritten() throws IOException {
    Document document = SampleDocument.create();
    Path file = folder.resolve("document.json");
    document.write(file);
    assertThat(Document.read(file)).isEqualTo(document);
    Path again = folder.resolve("again.json");
    Document.read(file).write(again);
    assertThat(again).hasSameBinaryContentAs(file);
  }

  @Test
  void jsonIsInSnakeCaseAndShort() throws IOException {
    Mark line =
        new Mark.Line(
            "a",
            List.of(
                new Mark.At(0, Estimate.of(0.5, 0.4, 0.6)),
                new Mark.At(1, Estimate.of(2)),
                new Mark.At(2, Estimate.NONE)));
    String json = Json.mapper().writeValueAsString(line);
    assertThat(json)
        .isEqualTo(
            "{'kind':'line','name':'a','points':[{'x':0.0,'y':[0.5,0.4,0.6]},{'x':1.0,'y':2.0},{'x':2.0,'y':null}]}"
                .replace('\'', '"'));
    assertThat(Json.mapper().readValue(json, Mark.class)).isEqualTo(line);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[1, 2, 3, 4] | got a fourth value",
        "[1, 2] | got ']'",
        "[1, 3, 2] | expected an interval [low, high]",
        "\"1\" | got '1'",
        "{} | expected a number, [value, low, high] or null",
      })
  void aMalformedNumberIsRefusedWithItsPlace(String number, String problem) throws IOException {
    Path file = folder.resolve("bad.json");
    Files.writeString(
        file,
        "{\"kind\": \"line\", \"name\": \"a\", \"points\": [{\"x\": 1, \"y\": %s}]}"
            .formatted(number));
    assertThatThrownBy(() -> Json.read(file, Mark.class))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining(problem)
        .hasMessageContaining("points.0.y")
        .hasMessageContaining("bad.json");
  }

  @Test
  void unknownAndMissingKeysAreRefused() throws IOException {
    Path file = folder.resolve("bad.json");
    Files.writeString(file, "{\"kind\": \"steps\", \"name\": \"a\", \"steps\": [], \"colour\": 1}");
    assertThatThrownBy(() -> Json.read(file, Mark.class)).hasMessageContaining("'colour'");
    Files.writeString(file, "{\"kind\": \"steps\", \"name\": \"a\"}");
    assertThatThrownBy(() -> Json.read(file, Mark.class)).hasMessageContaining("steps");
    Files.writeString(file, "{\"kind\": \"pie\", \"name\": \"a\"}");
    assertThatThrownBy(() -> Json.read(file, Mark.class)).hasMessageContaining("pie");
  }

  @Test
  void csvReadsBackWithAllDigitsAndWords() throws IOException {
    String words = "a, \"b\"\nc";
    FigureTable table =
        new FigureTable(
            "t",
            "title",
            "",
            "",
            List.of(FigureTable.Column.of("name"), new FigureTable.Column("loss", "nats")),
            List.of(
                Cell.row(words, Estimate.of(0.1 + 0.2, -1e-12, 1e300)),
                Cell.row("", 1_234_567),
                Cell.row("none", Estimate.NONE)));
    assertThat(rows(FigureCsv.text(table)))
        .containsExactly(
            List.of("name", "loss (nats)", "loss low", "loss high"),
            List.of(words, "0.30000000000000004", "-1.0E-12", "1.0E300"),
            List.of("", "1234567", "", ""),
            List.of("none", "", "", ""));
  }

  @Test
  void theTableOfAFigureHasARowAValue() {
    for (Exhibit exhibit : SampleDocument.create().exhibits()) {
      List<List<String>> rows = rows(FigureCsv.text(exhibit));
      assertThat(rows).hasSize(1 + exhibit.table().rows().size());
      assertThat(rows).allMatch(row -> row.size() == rows.getFirst().size());
    }
    Mark.Heat heat =
        new Mark.Heat(
            List.of("L0", "L1"),
            List.of("R"),
            List.of(List.of(Estimate.of(1)), List.of(Estimate.NONE)),
            Axis.linear("L0", ""));
    Mark.Histogram bins = new Mark.Histogram("h", List.of(0.0, 1.0, 2.0), List.of(3.0, 4.0));
    assertThat(csv(Panel.of("", Axis.linear("site", ""), Axis.linear("layer", ""), List.of(heat))))
        .containsExactly(
            List.of("series", "site", "layer", "value"),
            List.of("L0", "R", "L0", "1"),
            List.of("L0", "R", "L1", ""));
    assertThat(csv(Panel.of("p", Axis.linear("rate", "Hz"), Axis.linear("n", ""), List.of(bins))))
        .containsExactly(
            List.of("panel", "series", "rate (Hz)", "to (Hz)", "n"),
            List.of("p", "h", "0", "1", "3"),
            List.of("p", "h", "1", "2", "4"));
  }

  @Test
  void filesAreTheSameEachTime() throws IOException {
    DocumentFiles.write(folder.resolve("one"), SampleDocument.create());
    DocumentFiles.write(folder.resolve("two"), SampleDocument.create());
    assertThat(FolderSums.of(folder.resolve("one")))
        .hasSize(2 + 10 + 9)
        .isEqualTo(FolderSums.of(folder.resolve("two")));
  }

  @Test
  void aPageAsksNobodyAndRunsOnlyItsOwn() throws Exception {
    String page = FigurePage.of(SampleDocument.create());
    assertThat(page).startsWith("<!doctype html>\n").contains("default-src 'none'");
    assertThat(page).doesNotContain(" src=", "@import", "url(http", "style=\"");
    for (String element : List.of("style", "script")) {
      Matcher inline =
          Pattern.compile("<" + element + ">(.*?)</" + element + ">", Pattern.DOTALL).matcher(page);
      assertThat(inline.find()).isTrue();
      assertThat(page).contains(element + "-src 'sha256-" + FigurePage.sum(inline.group(1)) + "'");
      assertThat(inline.find()).as("another %s", element).isFalse();
    }
    Element root = SvgFigureTest.parse(page.substring(page.indexOf('\n')).strip());
    assertThat(root.getElementsByTagName("figure").getLength()).isEqualTo(10);
    assertThat(root.getElementsByTagName("svg").getLength()).isEqualTo(1 + 2 * 9);
  }

  @Test
  void linksOfAPageLeadToItsPlaces() {
    String page = FigurePage.of(SampleDocument.create());
    List<String> ids =
        Pattern.compile(" id=\"([^\"]*)\"").matcher(page).results().map(m -> m.group(1)).toList();
    assertThat(ids).doesNotHaveDuplicates();
    assertThat(Pattern.compile("href=\"#([^\"]*)\"").matcher(page).results().map(m -> m.group(1)))
        .isNotEmpty()
        .allMatch(ids::contains);
    assertThat(page).contains(">Figure 9<", ">Table 1<").doesNotContain(">Figure 10<");
  }

  @Test
  void hostileWordsOfAPageStayWords() throws Exception {
    String hostile = "</script><img src=x onerror=alert(1)>&amp;\"'";
    SequencedMap<String, String> terms = new LinkedHashMap<>();
    terms.put(hostile, hostile);
    FigureTable table =
        new FigureTable(
            "t",
            hostile,
            hostile,
            hostile,
            List.of(new FigureTable.Column(hostile, hostile)),
            List.of(Cell.row(hostile)));
    Section section = new Section("s", hostile, List.of(new Paragraph(hostile), table));
    String page = FigurePage.of(Document.of(hostile, hostile, List.of(section), terms, terms));
    assertThat(page).doesNotContain("<img");
    Element root = SvgFigureTest.parse(page.substring(page.indexOf('\n')).strip());
    assertThat(root.getElementsByTagName("h1").item(0).getTextContent()).isEqualTo(hostile);
    assertThat(root.getElementsByTagName("code").item(0).getTextContent()).isEqualTo(hostile);
  }

  @Test
  void cumulativeSharesAreExactAndThinned() {
    assertThat(Mark.Steps.cumulative("a", new double[] {3, 1, 3, 2}, 100).steps())
        .containsExactly(new Mark.Step(1, 0.25), new Mark.Step(2, 0.5), new Mark.Step(3, 1));
    double[] values = new double[1001];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    List<Mark.Step> steps = Mark.Steps.cumulative("a", values, 11).steps();
    assertThat(steps).hasSize(11);
    assertThat(steps.get(5)).isEqualTo(new Mark.Step(500, 501.0 / 1001));
    assertThat(steps.getLast()).isEqualTo(new Mark.Step(1000, 1));
    assertThat(Mark.Steps.cumulative("a", new double[0], 11).steps()).isEmpty();
  }

  static Stream<Arguments> refused() {
    Mark heat = new Mark.Heat(List.of("r"), List.of("c"), List.of(List.of(Estimate.of(1))), X);
    Mark bars = new Mark.Bars("b", List.of(new Mark.Bar("c", Estimate.of(1))));
    Mark line = SvgFigureTest.line("l", 0, 1);
    return Stream.of(
        bad("above 0 of the logarithmic axis 'x', got 0.0", () -> LOG.within(0, 1)),
        bad("low < high of the axis 'x', got 2.0 and 1.0", () -> X.within(2, 1)),
        bad("finite", () -> Estimate.of(Double.POSITIVE_INFINITY)),
        bad("expected an interval", () -> new Estimate(1, Double.NaN, 2)),
        bad("a heat alone", () -> Panel.of("p", X, X, List.of(heat, line))),
        bad("linear axes without bounds for a heat", () -> Panel.of("p", LOG, X, List.of(heat))),
        bad("bars only with bars", () -> Panel.of("p", X, X, List.of(bars, line))),
        bad("whose length is the value", () -> Panel.of("p", X, LOG, List.of(bars))),
        bad("twice", () -> Panel.of("p", X, X, List.of(line, line))),
        bad("got none", () -> Panel.of("p", X, X, List.of())),
        bad(
            "above 0 on a logarithmic axis",
            () -> Panel.of("p", LOG, X, List.of(line)).with(ReferenceLine.vertical(-1, ""))),
        bad(
            "expected 3 edges for 2 bins of 'h', got 2",
            () -> new Mark.Histogram("h", List.of(0.0, 1.0), List.of(1.0, 2.0))),
        bad(
            "at bin 0 of 'h', got 1.0 to 0.0",
            () -> new Mark.Histogram("h", List.of(1.0, 0.0), List.of(1.0))),
        bad(
            "do not fall at step 1 of 's'",
            () -> new Mark.Steps("s", List.of(new Mark.Step(0, 0.5), new Mark.Step(1, 0.4)))),
        bad(
            "expected values of 'x' [2, 1], got 1 rows of [1]",
            () ->
                new Mark.Heat(List.of("a", "b"), List.of("c"), List.of(List.of(Estimate.NONE)), X)),
        bad("got 'Bad Id'", () -> Figure.of("Bad Id", "t", "", "", List.of())),
        bad(
            "expected 1 cells in row 0 of table t, got 2",
            () ->
                new FigureTable(
                    "t",
                    "t",
                    "",
                    "",
                    List.of(FigureTable.Column.of("a")),
                    List.of(Cell.row(1, 2)))));
  }

  private static Arguments bad(String message, Supplier<Object> maker) {
    return Arguments.of(message, maker);
  }

  @ParameterizedTest
  @MethodSource("refused")
  void whatMakesNoSenseIsRefused(String message, Supplier<Object> maker) {
    assertThatThrownBy(maker::get)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void anIdIsUsedOnce() {
    Section section = new Section("settings", "t", List.of());
    assertThatThrownBy(() ->
            Document.of("t", "", List.of(section), new LinkedHashMap<>(), new LinkedHashMap<>()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'settings' twice");
  }

  private static List<List<String>> csv(Panel panel) {
    return rows(FigureCsv.text(Figure.of("f", "t", "", "", List.of(panel))));
  }

  private static List<List<String>> rows(String csv) {
    try (MappingIterator<List<String>> rows =
        new CsvMapper()
            .readerForListOf(String.class)
            .with(CsvParser.Feature.WRAP_AS_ARRAY)
            .readValues(csv)) {
      return rows.readAll();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
