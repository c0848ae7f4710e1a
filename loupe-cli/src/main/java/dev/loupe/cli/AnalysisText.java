package dev.loupe.cli;

import dev.loupe.store.StoreSummary;
import java.util.ArrayList;
import java.util.List;

/** What analyses say of dictionaries, as a table for a terminal. */
final class AnalysisText {
  private static final String CATEGORIES =
      """


      Category F1: for each category of documents the one feature that finds it best, chosen on one
      half of the held-out documents and scored on the other; the mean over categories. The columns
      behind it are floors: what the same search finds elsewhere.\
      """;

  private AnalysisText() {}

  static String whole(List<StoreSummary> summaries) {
    List<String> floors =
        summaries.stream()
            .flatMap(summary -> summary.categories().stream())
            .flatMap(found -> found.floors().stream())
            .map(StoreSummary.Search::among)
            .distinct()
            .toList();
    return table(summaries, floors) + (floors.isEmpty() ? "" : CATEGORIES);
  }

  private static String table(List<StoreSummary> summaries, List<String> floors) {
    List<String> header =
        new ArrayList<>(List.of("dictionary", "features", "L0", "dead", "dense", "one token"));
    if (!floors.isEmpty()) {
      header.addAll(List.of("category F1", "above 0.5"));
      floors.forEach(floor -> header.add(floor.replaceFirst(",.*", "")));
    }
    TextTable table = new TextTable(header);
    for (StoreSummary summary : summaries) {
      List<String> row =
          new ArrayList<>(
              List.of(
                  summary.dictionary().toString(),
                  "%,d".formatted(summary.features()),
                  "%.1f".formatted(summary.l0()),
                  "%,d".formatted(summary.dead()),
                  "%,d".formatted(summary.dense()),
                  "%,d".formatted(summary.singleToken())));
      if (!floors.isEmpty()) {
        row.addAll(categories(summary, floors));
      }
      table.row(row.toArray(String[]::new));
    }
    return table.toString();
  }

  private static List<String> categories(StoreSummary summary, List<String> floors) {
    List<String> cells = new ArrayList<>();
    StoreSummary.Categories found = summary.categories().orElseThrow();
    cells.add("%.3f".formatted(found.measured().meanBestF1()));
    cells.add("%d of %d".formatted(found.measured().aboveHalf(), found.measured().best().size()));
    for (String floor : floors) {
      cells.add(
          found.floors().stream()
              .filter(search -> search.among().equals(floor))
              .map(search -> "%.3f".formatted(search.meanBestF1()))
              .findFirst()
              .orElse("-"));
    }
    return cells;
  }
}
