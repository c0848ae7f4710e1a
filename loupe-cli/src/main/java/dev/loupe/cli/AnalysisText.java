package dev.loupe.cli;

import dev.loupe.store.StoreSummary;
import java.util.ArrayList;
import java.util.List;

/** What analyses say of dictionaries, as a table for a terminal. */
final class AnalysisText {
  private AnalysisText() {}

  static String of(List<StoreSummary> summaries) {
    boolean categories = summaries.stream().anyMatch(s -> s.categories().isPresent());
    List<String> header =
        new ArrayList<>(List.of("dictionary", "features", "L0", "dead", "dense", "one token"));
    if (categories) {
      header.addAll(List.of("category F1", "above 0.5", "random", "neurons"));
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
      if (categories) {
        row.addAll(categories(summary));
      }
      table.row(row.toArray(String[]::new));
    }
    return table.toString();
  }

  private static List<String> categories(StoreSummary summary) {
    if (summary.categories().isEmpty()) {
      return List.of("-", "-", "-", "-");
    }
    StoreSummary.Categories found = summary.categories().get();
    List<String> cells = new ArrayList<>();
    cells.add("%.3f".formatted(found.measured().meanBestF1()));
    cells.add(
        "%d of %d".formatted(found.measured().aboveHalf(), found.measured().best().size()));
    found.floors().stream().limit(2).forEach(f -> cells.add("%.3f".formatted(f.meanBestF1())));
    return cells;
  }
}
