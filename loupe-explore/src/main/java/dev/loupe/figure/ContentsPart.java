package dev.loupe.figure;

import java.util.List;
import java.util.SequencedMap;

/** The table of contents of a page. */
final class ContentsPart {
  private final Markup html;
  private final Document document;
  private final ExhibitNumbers numbers;

  ContentsPart(Markup html, Document document, ExhibitNumbers numbers) {
    this.html = html;
    this.document = document;
    this.numbers = numbers;
  }

  void write() {
    html.open("nav", "class", "contents", "aria-label", "Contents");
    html.element("h2", "Contents").open("ol").line();
    for (Section section : document.sections()) {
      html.open("li").element("a", section.title(), "href", "#" + section.id());
      List<Exhibit> exhibits =
          section.blocks().stream()
              .filter(Exhibit.class::isInstance)
              .map(Exhibit.class::cast)
              .toList();
      if (!exhibits.isEmpty()) {
        html.open("ol");
        exhibits.forEach(this::entry);
        html.close();
      }
      html.close().line();
    }
    terms(Document.DEFINITIONS, "Definitions", document.definitions());
    terms(Document.SETTINGS, "Settings", document.settings());
    html.close().close().line();
  }

  private void entry(Exhibit exhibit) {
    html.open("li").open("a", "href", "#" + exhibit.id());
    html.element("b", numbers.of(exhibit)).text(" " + exhibit.title()).close().close();
  }

  private void terms(String id, String title, SequencedMap<String, String> terms) {
    if (!terms.isEmpty()) {
      html.open("li").element("a", title, "href", "#" + id).close().line();
    }
  }
}
