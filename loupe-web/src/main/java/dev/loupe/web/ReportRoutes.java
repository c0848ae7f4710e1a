package dev.loupe.web;

import dev.loupe.analyze.AnalysisSetup;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import dev.loupe.figure.Block;
import dev.loupe.figure.Document;
import dev.loupe.figure.Figure;
import dev.loupe.figure.FigurePage;
import dev.loupe.figure.Section;
import dev.loupe.figure.SvgFigure;
import dev.loupe.report.SuiteReport;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * {@code /report}, all that was measured of the suite as one page, and {@code /api/report}, the
 * same as JSON; {@code /api/report/figures} lists its figures, each of which can be had as SVG.
 * Made anew when reports, analyses or logs of training have changed.
 */
final class ReportRoutes implements HttpService {
  private final Suite suite;
  private Optional<Made> made = Optional.empty();

  /** The report, and the state of the folder that it is of. */
  private record Made(String state, Document document, Body page, Body json) {}

  ReportRoutes(Suite suite) {
    this.suite = suite;
  }

  @Override
  public void routing(HttpRules rules) {
    rules
        .get("/report", this::page)
        .route(Method.HEAD, "/report", this::page)
        .get("/api/report", (request, response) -> Answers.tagged(request, response, made().json))
        .get("/api/report/figures", this::figures)
        .get("/api/report/figures/{figure}", this::figure);
  }

  /** A page with styles and a script inside it, which its own policy names by their sums. */
  private void page(ServerRequest request, ServerResponse response) {
    Body page = made().page;
    response.header(
        HeaderNames.create("Content-Security-Policy"),
        FigurePage.POLICY + "; frame-ancestors 'none'");
    Answers.tagged(request, response, page);
  }

  private void figures(ServerRequest request, ServerResponse response) {
    List<Map<String, Object>> figures = new ArrayList<>();
    for (Section section : sections()) {
      for (Block block : section.blocks()) {
        if (block instanceof Figure figure) {
          figures.add(
              Map.of(
                  "id", figure.id(),
                  "section", section.title(),
                  "title", figure.title(),
                  "caption", figure.caption(),
                  "command", figure.command()));
        }
      }
    }
    Answers.tagged(request, response, Body.json(figures));
  }

  /** None where nothing was measured: that is no error of who asks which figures there are. */
  private List<Section> sections() {
    try {
      return made().document.sections();
    } catch (RequestException e) {
      return List.of();
    }
  }

  /** As wide as there is room for it. */
  private void figure(ServerRequest request, ServerResponse response) {
    int width =
        Parameters.number(
            request, "width", SvgFigure.WIDTH, SvgFigure.NARROW_WIDTH, SvgFigure.WIDTH);
    String id = request.path().pathParameters().get("figure");
    Figure figure =
        made().document.exhibits().stream()
            .filter(exhibit -> exhibit.id().equals(id))
            .filter(Figure.class::isInstance)
            .map(Figure.class::cast)
            .findFirst()
            .orElseThrow(() ->
                RequestException.notFound(
                    "no figure %s here; /api/report/figures lists them"
                        .formatted(Gate.printable(id))));
    boolean styled = Parameters.number(request, "styled", 1, 0, 1) == 1;
    String svg = styled ? SvgFigure.of(figure, width) : SvgFigure.unstyled(figure, width);
    Answers.tagged(
        request, response, Body.of("image/svg+xml", svg.getBytes(StandardCharsets.UTF_8)));
  }

  private synchronized Made made() {
    String state = state();
    if (made.isEmpty() || !made.get().state.equals(state)) {
      Document document;
      try {
        document = SuiteReport.of(suite, Optional.empty());
      } catch (IllegalArgumentException e) {
        throw new RequestException(404, String.valueOf(e.getMessage()));
      }
      Body page =
          Body.of(
              "text/html; charset=utf-8", FigurePage.of(document).getBytes(StandardCharsets.UTF_8));
      made = Optional.of(new Made(state, document, page, Body.json(document)));
    }
    return made.get();
  }

  /** Names and times of what a report is made from. */
  private String state() {
    StringBuilder state = new StringBuilder();
    add(state, suite.directory().resolve("reports"));
    for (DictionaryName name : suite.names()) {
      add(state, AnalysisSetup.features(suite).resolve(name.toString()));
      add(state, suite.folder(name));
    }
    return state.toString();
  }

  private static void add(StringBuilder state, Path folder) {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.sorted().toList()) {
        state.append(file).append(' ').append(Files.getLastModifiedTime(file)).append('\n');
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + folder, e);
    }
  }
}
