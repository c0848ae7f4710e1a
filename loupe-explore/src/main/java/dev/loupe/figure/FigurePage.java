package dev.loupe.figure;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.SequencedMap;

/**
 * A document as one HTML page that opens from a disk, needs nothing beside it, and by its own
 * policy may ask nobody for anything. Light and dark, from a telephone to a wall, and for paper.
 * The same bytes for the same document.
 */
public final class FigurePage {
  private static final String STYLE = SvgFigure.STYLE + SvgFigure.resource("page.css");
  private static final String SCRIPT = SvgFigure.resource("page.js");

  /** What browsers may load for the page: nothing but what is inside it. */
  public static final String POLICY =
      "default-src 'none'; style-src 'sha256-%s'; script-src 'sha256-%s'; img-src data:; base-uri 'none'; form-action 'none'"
          .formatted(sum(STYLE), sum(SCRIPT));

  private final Markup html = new Markup();
  private final Document document;
  private final ExhibitNumbers numbers;

  private FigurePage(Document document) {
    this.document = document;
    numbers = new ExhibitNumbers(document);
  }

  /** The page. */
  public static String of(Document document) {
    return new FigurePage(document).page();
  }

  private String page() {
    html.raw("<!doctype html>\n").open("html", "lang", "en").line();
    head();
    html.open("body").line();
    top();
    html.open("div", "class", "body").line();
    new ContentsPart(html, document, numbers).write();
    html.open("main").line();
    document.sections().forEach(this::section);
    terms(Document.DEFINITIONS, "Definitions", document.definitions());
    terms(Document.SETTINGS, "Settings", document.settings());
    html.close().line().close().line();
    html.element(
        "footer",
        "Made by Loupe. All values, in full: %s, and one CSV file for each figure and table."
            .formatted(DocumentFiles.JSON),
        "class",
        "foot");
    html.line().open("script").raw(SCRIPT).close().close().close();
    return html.line().toString();
  }

  private void head() {
    html.open("head").line();
    html.leaf("meta", "charset", "utf-8").line();
    html.leaf("meta", "http-equiv", "Content-Security-Policy", "content", POLICY).line();
    html.leaf("meta", "name", "viewport", "content", "width=device-width, initial-scale=1").line();
    html.leaf("meta", "name", "color-scheme", "content", "light dark").line();
    html.leaf("link", "rel", "icon", "href", "data:,").line();
    html.element("title", document.title()).line();
    html.open("style").raw(STYLE).close().line().close().line();
  }

  private void top() {
    html.open("header", "class", "top");
    brand();
    html.element("h1", document.title());
    if (!document.subtitle().isEmpty()) {
      html.element("p", document.subtitle(), "class", "lead");
    }
    html.close().line();
  }

  private void brand() {
    html.open("div", "class", "brand");
    html.open("svg", "viewBox", "0 0 24 24", "aria-hidden", "true", "fill", "none");
    html.open("g", "stroke", "currentColor", "stroke-linecap", "round");
    html.leaf("circle", "cx", "10", "cy", "10", "r", "7", "stroke-width", "2.4");
    html.leaf("path", "d", "M15.3 15.3 21 21", "stroke-width", "3");
    html.leaf("path", "d", "M10 10h0", "stroke-width", "4.4");
    html.close().close().text("Loupe").close().line();
  }

  private void section(Section section) {
    html.open("section", "id", section.id());
    html.element("h2", section.title()).line();
    for (Block block : section.blocks()) {
      switch (block) {
        case Paragraph(String text) -> html.element("p", text, "class", "prose").line();
        case Exhibit exhibit -> new ExhibitPart(html, exhibit, numbers.of(exhibit)).write();
      }
    }
    html.close().line();
  }

  private void terms(String id, String title, SequencedMap<String, String> terms) {
    if (terms.isEmpty()) {
      return;
    }
    html.open("section", "id", id).element("h2", title).open("dl", "class", "terms").line();
    terms.forEach((term, meaning) -> html.element("dt", term).element("dd", meaning).line());
    html.close().close().line();
  }

  /** As a policy names a style or script. */
  static String sum(String text) {
    try {
      byte[] sum =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(sum);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
