package dev.loupe.figure;

import java.util.HashMap;
import java.util.Map;

/** What the figures and tables of a document are called: Figure 1, Table 1, Figure 2. */
final class ExhibitNumbers {
  private final Map<String, String> byId = new HashMap<>();

  ExhibitNumbers(Document document) {
    int figures = 0;
    int tables = 0;
    for (Exhibit exhibit : document.exhibits()) {
      byId.put(
          exhibit.id(),
          switch (exhibit) {
            case Figure _ -> "Figure " + ++figures;
            case FigureTable _ -> "Table " + ++tables;
          });
    }
  }

  String of(Exhibit exhibit) {
    return byId.getOrDefault(exhibit.id(), exhibit.id());
  }
}
