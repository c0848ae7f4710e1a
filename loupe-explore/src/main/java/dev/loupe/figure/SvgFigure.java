package dev.loupe.figure;

import dev.loupe.figure.PlacedPanel.Box;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A figure as one SVG: the same bytes for the same figure on every machine. Its colours follow the
 * reader's light or dark setting, and the custom properties {@code --figure-ink}, {@code
 * --figure-paper}, {@code --figure-1} to {@code -7} (series) and {@code --figure-h1} to {@code -h8}
 * (heat) of the page that it stands in. Each mark says its values when pointed at.
 */
public final class SvgFigure {
  /** Units of length across a figure on a page; text is 11 to 13 of them high. */
  public static final int WIDTH = 960;

  /** The same for a narrow screen: one panel above the other. */
  public static final int NARROW_WIDTH = 360;

  /** Styles of every figure, the same in each. */
  public static final String STYLE = resource("figure.css");

  private final Markup svg;
  private final Figure figure;
  private final String id;
  private final SeriesLooks looks;
  private final FigureLayout layout;

  private SvgFigure(Markup svg, Figure figure, String id, double width) {
    this.svg = svg;
    this.figure = figure;
    this.id = id;
    looks = new SeriesLooks(figure);
    layout = new FigureLayout(figure, looks, width);
  }

  /** A figure of {@link #WIDTH}. */
  public static String of(Figure figure) {
    return of(figure, WIDTH);
  }

  /**
   * A figure of another width.
   *
   * @param width from {@link #NARROW_WIDTH}; more stand beside each other in more of it
   */
  public static String of(Figure figure, int width) {
    return of(figure, width, true);
  }

  /** A figure of a width for a page that has {@link #STYLE} among its own. */
  public static String unstyled(Figure figure, int width) {
    return of(figure, width, false);
  }

  private static String of(Figure figure, int width, boolean styled) {
    Markup svg = new Markup();
    write(svg, figure, figure.id(), width, styled);
    return svg.line().toString();
  }

  /**
   * @param id that the ids in it begin with
   * @param styled whether to hold the styles, which a page has but once
   */
  static void write(Markup svg, Figure figure, String id, int width, boolean styled) {
    if (width < NARROW_WIDTH) {
      throw new IllegalArgumentException(
          "expected a width of %d or more for figure %s, got %d"
              .formatted(NARROW_WIDTH, figure.id(), width));
    }
    new SvgFigure(svg, figure, id, width).write(styled);
  }

  static String resource(String name) {
    try (InputStream in = SvgFigure.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("expected " + name + " beside this class, got none");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("expected to read " + name + " beside this class", e);
    }
  }

  private void write(boolean styled) {
    String width = Numbers.length(layout.width());
    String height = Numbers.length(layout.height());
    svg.open(
        "svg",
        "xmlns",
        "http://www.w3.org/2000/svg",
        "class",
        "loupe-figure",
        "viewBox",
        "0 0 " + width + " " + height,
        "width",
        width,
        "height",
        height,
        "role",
        "img",
        "aria-labelledby",
        id + "-title " + id + "-desc");
    svg.element("title", figure.title(), "id", id + "-title");
    svg.element("desc", description(), "id", id + "-desc");
    if (styled) {
      svg.open("style").raw(STYLE).close();
    }
    svg.leaf("rect", "class", "paper", "width", width, "height", height);
    legend();
    layout.panels().forEach(this::panel);
    svg.close();
  }

  private void legend() {
    LegendDrawing legend = new LegendDrawing(svg, figure, looks);
    PlacedPanel first = layout.panels().getFirst();
    if (layout.sharesColours() && first.panel().marks().getFirst() instanceof Mark.Heat heat) {
      Ruler colours = first.colours().orElseThrow();
      double x = first.plot().x();
      new HeatDrawing(svg).scale(x, 4, layout.width() - x, heat.value(), colours, "");
    } else if (layout.direct(looks)) {
      legend.drawAtEnds(first);
    } else if (looks.names().size() > 1) {
      legend.drawAbove(layout.width());
    }
  }

  private void panel(PlacedPanel at) {
    String clip = id + "-clip-" + at.number();
    Box plot = at.plot();
    svg.line().open("g");
    svg.open("clipPath", "id", clip);
    // a little more than the plot: lines along its rim keep their width
    Box around = new Box(plot.x() - 1, plot.y() - 1, plot.width() + 2, plot.height() + 2);
    svg.leaf("rect", SeriesDrawing.rectangle("clip", around)).close();
    PanelFrame frame = new PanelFrame(svg, at);
    frame.drawBelow();
    if (values(at.panel()) == 0) {
      double x = plot.x() + plot.width() / 2;
      double y = plot.y() + plot.height() / 2;
      svg.element("text", "nothing measured", PanelFrame.place("none", x, y, "middle"));
    }
    marks(at, "url(#" + clip + ")");
    frame.drawAbove();
    svg.close();
  }

  private void marks(PlacedPanel at, String clip) {
    SeriesDrawing series = new SeriesDrawing(svg, at, looks, clip);
    List<Mark.Points> scatters = only(at.panel(), Mark.Points.class);
    ScatterDrawing scatter = new ScatterDrawing(svg, at, looks, scatters);
    boolean alone = at.panel().marks().size() == 1;
    for (Mark mark : at.panel().marks()) {
      switch (mark) {
        case Mark.Line line -> series.draw(line);
        case Mark.Steps steps -> series.draw(steps);
        case Mark.Histogram bins -> series.draw(bins, alone);
        case Mark.Points points -> scatter.draw(points);
        case Mark.Heat heat -> heat(at, heat);
        case Mark.Bars _ -> {} // drawn together, below
      }
    }
    scatters.forEach(scatter::label);
    List<Mark.Bars> bars = only(at.panel(), Mark.Bars.class);
    if (!bars.isEmpty()) {
      new BarsDrawing(svg, at, looks).draw(bars);
    }
  }

  private void heat(PlacedPanel at, Mark.Heat heat) {
    HeatDrawing drawing = new HeatDrawing(svg);
    Ruler colours = at.colours().orElseThrow();
    if (at.ownScale()) {
      Box plot = at.plot();
      String title = at.panel().title();
      drawing.scale(plot.x(), plot.y() - 24, plot.width(), heat.value(), colours, title);
    }
    drawing.draw(at, heat, colours);
  }

  private static <M extends Mark> List<M> only(Panel panel, Class<M> kind) {
    return panel.marks().stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  private static long values(Panel panel) {
    return panel.marks().stream().mapToLong(SvgFigure::values).sum();
  }

  /** How many numbers a mark holds. */
  private static long values(Mark mark) {
    return switch (mark) {
      case Mark.Line line -> line.points().stream().filter(p -> p.y().measured()).count();
      case Mark.Points points ->
          points.points().stream().filter(p -> p.x().measured() && p.y().measured()).count();
      case Mark.Bars bars -> bars.bars().stream().filter(bar -> bar.value().measured()).count();
      case Mark.Histogram bins -> bins.counts().size();
      case Mark.Steps steps -> steps.steps().size();
      case Mark.Heat heat ->
          heat.values().stream().flatMap(List::stream).filter(Estimate::measured).count();
    };
  }

  /** In words, for who does not see it. */
  private String description() {
    String panels =
        layout.panels().stream()
            .map(at ->
                "%s%s over %s: %s."
                    .formatted(
                        at.panel().title().isEmpty() ? "" : at.panel().title() + ", ",
                        at.panel().y().text(),
                        at.panel().x().text(),
                        series(at)))
            .collect(Collectors.joining(" "));
    return figure.caption().isEmpty() ? panels : figure.caption() + " " + panels;
  }

  private static String series(PlacedPanel at) {
    String series =
        at.panel().marks().stream()
            .map(mark ->
                "%s (%s values)".formatted(mark.name(), Numbers.text((double) values(mark))))
            .collect(Collectors.joining(", "));
    String note = Unseen.note(at);
    return note.isEmpty() ? series : series + "; " + note;
  }
}
