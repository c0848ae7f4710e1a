package dev.loupe.figure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** What is drawn, read back as XML. */
final class SvgFigureTest {
  private static final String HOSTILE = "</text><script>alert('1 & 2')</script>\u0000\uD800\r\"";
  private static final Axis X = Axis.linear("x", "");
  private static final Axis Y = Axis.linear("y", "");
  private static final Axis LOG = Axis.log("y", "");

  static Stream<Figure> samples() {
    return SampleDocument.create().exhibits().stream()
        .filter(Figure.class::isInstance)
        .map(Figure.class::cast);
  }

  @ParameterizedTest
  @MethodSource("samples")
  void everyKindIsWellFormedAndAlwaysTheSame(Figure figure) throws Exception {
    for (int width : List.of(SvgFigure.NARROW_WIDTH, SvgFigure.WIDTH)) {
      String svg = SvgFigure.of(figure, width);
      Element root = parse(svg);
      assertThat(root.getAttribute("role")).isEqualTo("img");
      assertThat(root.getAttribute("viewBox")).startsWith("0 0 " + width + " ");
      assertThat(texts(root, "title").getFirst()).isEqualTo(figure.title());
      assertThat(texts(root, "desc").getFirst()).contains(figure.caption());
      assertThat(elements(root, "clipPath")).hasSize(figure.panels().size());
      assertThat(svg).doesNotContain("NaN", "Infinity", "http://www.w3.org/1999", "href");
      assertThat(SvgFigure.of(figure, width)).isEqualTo(svg);
    }
  }

  @Test
  void hostileWordsStayWords() throws Exception {
    Axis x = Axis.linear(HOSTILE, HOSTILE);
    Axis y = Axis.linear("y" + HOSTILE, HOSTILE);
    Mark.Points points =
        new Mark.Points(HOSTILE, List.of(new Mark.Dot(Estimate.of(1), Estimate.of(2), HOSTILE)));
    Mark.Bars bars = new Mark.Bars(HOSTILE, List.of(new Mark.Bar(HOSTILE, Estimate.of(1))));
    Mark.Heat heat =
        new Mark.Heat(List.of(HOSTILE), List.of(HOSTILE), List.of(List.of(Estimate.of(3))), y);
    Figure figure =
        Figure.of(
            "hostile",
            HOSTILE,
            HOSTILE,
            HOSTILE,
            List.of(
                Panel.of(HOSTILE, x, y, List.of(points)).with(ReferenceLine.horizontal(1, HOSTILE)),
                Panel.of(HOSTILE, x, y, List.of(bars)),
                Panel.of(HOSTILE, x, y, List.of(heat))));
    Element root = parse(SvgFigure.of(figure));
    assertThat(elements(root, "script")).isEmpty();
    assertThat(texts(root, "title").getFirst())
        .isEqualTo(HOSTILE.replaceAll("[\u0000\r]", "\uFFFD").replace("\uD800", "\uFFFD"));
  }

  @Test
  void pointsAreWhereTheirAxesPutThem() throws Exception {
    Mark.Line line = line("line", 0, 0, 10, 100);
    Panel panel =
        Panel.of("", X.within(0, 10), Y.within(0, 100), List.of(line))
            .with(ReferenceLine.vertical(5, "half"));
    Element root = parse(svg(panel));
    Element plot = elements(elements(root, "clipPath").getFirst(), "rect").getFirst();
    double left = Double.parseDouble(plot.getAttribute("x")) + 1;
    double top = Double.parseDouble(plot.getAttribute("y")) + 1;
    double width = Double.parseDouble(plot.getAttribute("width")) - 2;
    double height = Double.parseDouble(plot.getAttribute("height")) - 2;
    String path = ofClass(root, "line").getFirst().getAttribute("d");
    String expected = new Trace().move(left, top + height).line(left + width, top).toString();
    assertThat(path).isEqualTo(expected);
    assertThat(ofClass(root, "ref").getFirst().getAttribute("d"))
        .startsWith("M" + Numbers.length(left + width / 2) + " ");
  }

  /** Two pieces, so the pen is put down twice; the lone points keep their markers. */
  @Test
  void aLineHasAGapWhereNothingWasMeasured() throws Exception {
    Element root =
        parse(svg(Panel.of("", X, Y, List.of(line("a", 0, 1, 1, 2, 2, Double.NaN, 3, 4)))));
    String path = ofClass(root, "line").getFirst().getAttribute("d");
    assertThat(path.chars().filter(c -> c == 'M')).hasSize(2);
    assertThat(ofClass(root, "dot")).hasSize(3);
    assertThat(ofClass(root, "note")).isEmpty();
  }

  @Test
  void valuesWithoutAPlaceOnALogarithmicAxisAreAGapAndCounted() throws Exception {
    Element root = parse(svg(Panel.of("", X, LOG, List.of(line("a", 0, 1, 1, 0, 2, -5, 3, 100)))));
    assertThat(ofClass(root, "dot")).hasSize(2);
    assertThat(ofClass(root, "note").getFirst().getTextContent())
        .isEqualTo("2 of 4 values outside the axes");
    assertThat(texts(root, "desc").getFirst()).contains("2 of 4 values outside the axes");
  }

  @Test
  void valuesBeyondFixedBoundsAreCounted() throws Exception {
    Mark.Points points =
        new Mark.Points("p", IntStream.range(0, 10).mapToObj(i -> Mark.Dot.of(i, i)).toList());
    Element root = parse(svg(Panel.of("", X, Y.within(0, 6), List.of(points))));
    assertThat(ofClass(root, "dot")).hasSize(7);
    assertThat(ofClass(root, "note").getFirst().getTextContent())
        .isEqualTo("3 of 10 values outside the axes");
  }

  static Stream<List<Mark>> emptyMarks() {
    return Stream.of(
        List.of(new Mark.Line("a", List.of())),
        List.of(line("a", 1, Double.NaN)),
        List.of(new Mark.Points("a", List.of())),
        List.of(new Mark.Steps("a", List.of())),
        List.of(new Mark.Bars("a", List.of(new Mark.Bar("c", Estimate.NONE)))),
        List.of(new Mark.Heat(List.of("r"), List.of("c"), List.of(List.of(Estimate.NONE)), Y)));
  }

  @ParameterizedTest
  @MethodSource("emptyMarks")
  void aPanelOfNothingSaysSo(List<Mark> marks) throws Exception {
    Element root = parse(svg(Panel.of("", X, Y, marks)));
    assertThat(ofClass(root, "none").getFirst().getTextContent()).isEqualTo("nothing measured");
  }

  @Test
  void onePointIsDrawn() throws Exception {
    Mark.Line line = new Mark.Line("a", List.of(new Mark.At(3, Estimate.of(0.5, 0.4, 0.6))));
    Element root = parse(svg(Panel.of("", X, Y, List.of(line))));
    assertThat(ofClass(root, "dot")).hasSize(1);
    assertThat(ofClass(root, "whisker")).hasSize(1);
    assertThat(ofClass(root, "dot").getFirst().getTextContent()).isEqualTo("a\n3: 0.5 [0.4, 0.6]");
  }

  @Test
  void manyPointsAreOnePath() throws Exception {
    Random random = new Random(3);
    List<Mark.Dot> dots = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      dots.add(Mark.Dot.of(random.nextGaussian(), random.nextGaussian()));
    }
    Element root = parse(svg(Panel.of("", X, Y, List.of(new Mark.Points("p", dots)))));
    assertThat(ofClass(root, "dot")).isEmpty();
    String path = ofClass(root, "cloud").getFirst().getAttribute("d");
    assertThat(path.chars().filter(c -> c == 'M')).hasSize(5000);
  }

  @Test
  void coloursOfAHeatAreEqualPartsOfItsScale() {
    Axis axis = Axis.linear("v", "").within(0, 8);
    Ruler ruler = Ruler.exact(axis, DoubleStream.of(3));
    assertThat(
            DoubleStream.of(-1, 0, 0.99, 1, 4.5, 7.99, 8, 20)
                .mapToInt(v -> HeatDrawing.level(v, ruler)))
        .containsExactly(1, 1, 1, 2, 5, 8, 8, 8);
  }

  @Test
  void aLargeHeatIsAPathAColour() throws Exception {
    List<String> names = IntStream.range(0, 60).mapToObj(i -> "f" + i).toList();
    List<List<Estimate>> values =
        IntStream.range(0, 60)
            .mapToObj(row -> names.stream().map(name -> Estimate.of(row % 16)).toList())
            .toList();
    Element root = parse(svg(Panel.of("", X, Y, List.of(new Mark.Heat(names, names, values, Y)))));
    long cells =
        IntStream.rangeClosed(1, 8)
            .mapToObj(level -> ofClass(root, "h" + level).getLast().getAttribute("d"))
            .mapToLong(path -> path.chars().filter(c -> c == 'M').count())
            .sum();
    assertThat(cells).isEqualTo(3600);
  }

  @Test
  void longWordsAreCutInTheMiddleAndWholeInTheirTooltip() throws Exception {
    assertThat(Words.fit("short", 11, 100)).isEqualTo("short");
    String cut = Words.fit("a category with number 13", 11, 100);
    assertThat(cut).startsWith("a cat").endsWith("13").contains("…");
    assertThat(Words.width(cut, 11)).isLessThanOrEqualTo(100);
    String word = "a category with a long name and a number 13";
    Mark bars =
        new Mark.Bars(
            "b", List.of(new Mark.Bar(word, Estimate.of(1)), new Mark.Bar("b", Estimate.of(2))));
    List<Panel> panels =
        List.of(Panel.of("", X, Y, List.of(bars)), Panel.of("", X, Y, List.of(bars)));
    Element root = parse(SvgFigure.of(Figure.of("f", "t", "", "", panels), 400));
    assertThat(texts(root, "title")).contains(word);
  }

  @Test
  void panelsWithEqualAxesSpanTheSame() throws Exception {
    List<Panel> panels =
        List.of(
            Panel.of("a", X, Y, List.of(line("s", 0, 0, 1, 10))),
            Panel.of("b", X, Y, List.of(line("s", 0, 0, 1, 1000))));
    Element root = parse(SvgFigure.of(Figure.of("f", "t", "", "", panels)));
    assertThat(texts(root, "text").stream().filter("y"::equals)).hasSize(1);
    assertThat(texts(root, "text").stream().filter("1,000"::equals)).hasSize(1);
    assertThat(ofClass(root, "s1")).hasSize(2);
  }

  @Test
  void seriesDifferInMoreThanColour() {
    List<Mark> marks = IntStream.range(0, 35).mapToObj(i -> (Mark) line("s" + i, 0, i)).toList();
    SeriesLooks looks =
        new SeriesLooks(Figure.of("f", "t", "", "", List.of(Panel.of("", X, Y, marks))));
    List<String> lines =
        looks.names().stream().map(name -> looks.colour(name) + looks.dash(name)).toList();
    assertThat(lines).doesNotHaveDuplicates();
    assertThat(looks.names().stream().limit(8).map(name -> looks.marker(name, 0, 0, 4)))
        .doesNotHaveDuplicates();
  }

  @Test
  void aWidthThatNothingFitsInIsRefused() {
    Figure figure = samples().findFirst().orElseThrow();
    assertThatThrownBy(() -> SvgFigure.of(figure, 100))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected a width of 360 or more")
        .hasMessageContaining("got 100");
  }

  /** Points x, y, x, y. */
  static Mark.Line line(String name, double... places) {
    return new Mark.Line(
        name,
        IntStream.range(0, places.length / 2)
            .mapToObj(i -> new Mark.At(places[2 * i], Estimate.of(places[2 * i + 1])))
            .toList());
  }

  private static String svg(Panel panel) {
    return SvgFigure.of(Figure.of("f", "a figure", "", "", List.of(panel)));
  }

  static Element parse(String xml) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultInstance();
    factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
    return factory
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(xml)))
        .getDocumentElement();
  }

  private static List<Element> elements(Element root, String name) {
    NodeList found = root.getElementsByTagName(name);
    return IntStream.range(0, found.getLength()).mapToObj(i -> (Element) found.item(i)).toList();
  }

  private static List<String> texts(Element root, String name) {
    return elements(root, name).stream().map(Element::getTextContent).toList();
  }

  private static List<Element> ofClass(Element root, String kind) {
    return elements(root, "*").stream()
        .filter(element -> List.of(element.getAttribute("class").split(" ", -1)).contains(kind))
        .toList();
  }
}
