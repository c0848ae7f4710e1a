package dev.loupe.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A table for terminals: the first column and those named to the left, the others to the right. */
final class TextTable {
  private final List<List<String>> rows = new ArrayList<>();
  private final List<String> left;

  /**
   * @param left headers of columns of words
   */
  TextTable(List<String> header, String... left) {
    this.left = List.of(left);
    rows.add(header);
  }

  void row(String... cells) {
    rows.add(List.of(cells));
  }

  @Override
  public String toString() {
    int[] widths =
        IntStream.range(0, rows.getFirst().size())
            .map(c -> rows.stream().mapToInt(row -> row.get(c).length()).max().orElse(0))
            .toArray();
    return rows.stream().map(row -> line(row, widths)).collect(Collectors.joining("\n"));
  }

  private String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int c = 0; c < row.size(); c++) {
      String padding = " ".repeat(widths[c] - row.get(c).length());
      boolean isLeft = c == 0 || left.contains(rows.getFirst().get(c));
      line.append(c == 0 ? "" : "  ").append(isLeft ? row.get(c) + padding : padding + row.get(c));
    }
    return line.toString().stripTrailing();
  }
}
