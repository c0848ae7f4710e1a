package dev.loupe.figure;

import com.fasterxml.jackson.databind.SequenceWriter;
import com.fasterxml.jackson.dataformat.csv.CsvGenerator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A table as CSV (RFC 4180, but lines end with a line feed): headings with their units first; a
 * column with intervals is followed by two, {@code low} and {@code high}. Numbers are written in
 * full, so that reading gives the same; where there is none, the field is empty.
 */
public final class FigureCsv {
  private static final CsvMapper MAPPER =
      CsvMapper.builder().enable(CsvGenerator.Feature.STRICT_CHECK_FOR_QUOTING).build();

  private FigureCsv() {}

  /** The values of a figure or table. */
  public static String text(Exhibit exhibit) {
    FigureTable table = exhibit.table();
    List<Integer> withIntervals =
        IntStream.range(0, table.columns().size()).filter(table::intervals).boxed().toList();
    StringWriter text = new StringWriter();
    try (SequenceWriter rows =
        MAPPER.writer(CsvSchema.emptySchema().withLineSeparator("\n")).writeValues(text)) {
      rows.write(headings(table.columns(), withIntervals));
      for (List<Cell> row : table.rows()) {
        rows.write(fields(row, withIntervals));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("a table in memory cannot fail: " + table.id(), e);
    }
    return text.toString();
  }

  private static List<String> headings(
      List<FigureTable.Column> columns, List<Integer> withIntervals) {
    List<String> headings = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      headings.add(columns.get(i).text());
      if (withIntervals.contains(i)) {
        headings.add(columns.get(i).heading() + " low");
        headings.add(columns.get(i).heading() + " high");
      }
    }
    return headings;
  }

  private static List<String> fields(List<Cell> row, List<Integer> withIntervals) {
    List<String> fields = new ArrayList<>();
    for (int i = 0; i < row.size(); i++) {
      Estimate estimate = Estimate.NONE;
      switch (row.get(i)) {
        case Cell.Text(String words) -> fields.add(words);
        case Cell.Measured(Estimate number) -> {
          estimate = number;
          fields.add(Numbers.exact(number.value()));
        }
      }
      if (withIntervals.contains(i)) {
        fields.add(Numbers.exact(estimate.low()));
        fields.add(Numbers.exact(estimate.high()));
      }
    }
    return fields;
  }
}
