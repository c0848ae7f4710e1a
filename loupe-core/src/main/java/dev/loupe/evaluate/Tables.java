package dev.loupe.evaluate;

import dev.loupe.dictionary.DictionaryName;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reports as text for terminals, aligned, without colour. */
public final class Tables {
  private static final List<String> SUMMARY =
      List.of(
          "l0",
          "explained_variance",
          "explained_variance_centred",
          "delta_loss",
          "loss_recovered",
          "dead_fraction");

  private static final List<String> POSITIONS =
      List.of("l0", "explained_variance", "mse_ratio", "delta_loss");

  private Tables() {}

  /** One metric of all dictionaries: layers down, sites across. */
  public static String grid(Report report, String metric) {
    Map<Integer, Map<String, String>> cells = new TreeMap<>();
    Map<DictionaryName, String> columns = new TreeMap<>();
    for (String name : report.dictionaries().keySet()) {
      DictionaryName parsed = DictionaryName.parse(name);
      DictionaryName column =
          new DictionaryName(0, parsed.site(), parsed.expansion(), parsed.variant());
      columns.put(column, column.toString().substring(2));
      cells
          .computeIfAbsent(parsed.layer(), _ -> new TreeMap<>())
          .put(columns.get(column), text(report.metric(name, metric).value()));
    }
    List<List<String>> rows = new ArrayList<>();
    rows.add(row(metric, columns.values()));
    cells.forEach((layer, row) ->
        rows.add(
            row(
                "L" + layer,
                columns.values().stream().map(c -> row.getOrDefault(c, "")).toList())));
    return aligned(rows);
  }

  /** The metrics that people compare by, a row for each dictionary. */
  public static String summary(Report report) {
    List<List<String>> rows = new ArrayList<>();
    List<String> available =
        SUMMARY.stream()
            .filter(metric ->
                report.dictionaries().values().stream()
                    .anyMatch(of -> of.containsKey(metric) && of.get(metric).value().isPresent()))
            .toList();
    rows.add(row("dictionary", available));
    for (DictionaryName name : names(report)) {
      rows.add(
          row(
              name.toString(),
              available.stream()
                  .map(metric -> text(report.metric(name.toString(), metric).value()))
                  .toList()));
    }
    return aligned(rows);
  }

  /** Inside the training context and at the end of a longer one, a row for each dictionary. */
  public static String positions(PositionReport report) {
    List<List<String>> rows = new ArrayList<>();
    List<String> header = new ArrayList<>();
    for (String metric : POSITIONS) {
      header.add(metric);
      header.add("at the end");
    }
    rows.add(row("dictionary", header));
    report
        .dictionaries()
        .forEach((name, found) -> {
          List<String> cells = new ArrayList<>();
          for (String metric : POSITIONS) {
            cells.add(text(found.inside().metrics().get(metric).value()));
            cells.add(text(found.last().metrics().get(metric).value()));
          }
          rows.add(row(name, cells));
        });
    return aligned(rows);
  }

  private static Iterable<DictionaryName> names(Report report) {
    return new TreeSet<>(
        report.dictionaries().keySet().stream().map(DictionaryName::parse).toList());
  }

  private static List<String> row(String first, Iterable<String> others) {
    List<String> row = new ArrayList<>(List.of(first));
    others.forEach(row::add);
    return row;
  }

  private static String text(OptionalDouble value) {
    if (value.isEmpty()) {
      return "-";
    }
    double number = value.getAsDouble();
    return String.format(Locale.ROOT, Math.abs(number) >= 100 ? "%.1f" : "%.4f", number);
  }

  /** The first column to the left, the others to the right. */
  private static String aligned(List<List<String>> rows) {
    int[] widths = new int[rows.getFirst().size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      text.append(row.getFirst()).repeat(' ', widths[0] - row.getFirst().length());
      for (int i = 1; i < widths.length; i++) {
        text.repeat(' ', 2 + widths[i] - row.get(i).length()).append(row.get(i));
      }
      text.append('\n');
    }
    return text.toString();
  }
}
