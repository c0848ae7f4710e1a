package dev.loupe.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.database.DuckDb;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;
import java.util.stream.Collectors;

/**
 * Reads Parquet files through DuckDB: the column {@code text} is required, all others are metadata
 * (nested ones as JSON objects). Rows come in the order of the file.
 */
record ParquetReader() implements RowReader {
  @Override
  public void read(CorpusFile corpusFile, LongPredicate wanted, Rows rows) {
    if (!(corpusFile instanceof LocalFile(Path file))) {
      throw new CorpusException(
          "expected a Parquet file of this machine, got %s; from elsewhere .jsonl, .jsonl.gz, .jsonl.zst and .txt are read"
              .formatted(corpusFile));
    }
    try (Connection connection = DuckDb.openFile(file);
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(query(file, columns(file, connection)))) {
      while (result.next()) {
        long row = result.getLong(1);
        if (wanted.test(row)) {
          take(row, result, file, rows);
        }
      }
    } catch (SQLException | JsonProcessingException e) {
      throw new CorpusException(
          "expected a Parquet file, got a fault in %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static List<String> columns(Path file, Connection connection) throws SQLException {
    List<String> columns = new ArrayList<>();
    List<String> types = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet result =
            statement.executeQuery(
                "DESCRIBE SELECT * FROM read_parquet(%s)".formatted(DuckDb.literal(file)))) {
      while (result.next()) {
        columns.add(result.getString(1));
        types.add(result.getString(2));
      }
    }
    int text = columns.indexOf("text");
    if (text < 0 || !types.get(text).equals("VARCHAR")) {
      throw new CorpusException(
          "expected a column text of strings, got %s in %s"
              .formatted(text < 0 ? "the columns " + columns : "one of " + types.get(text), file));
    }
    columns.remove(text);
    return columns;
  }

  private static String query(Path file, List<String> columns) {
    String metadata =
        columns.stream()
            .map(name -> '"' + name.replace("\"", "\"\"") + '"')
            .map(name -> name + " := " + name)
            .collect(Collectors.joining(", ", "to_json(struct_pack(", "))"));
    return "SELECT file_row_number, text, %s FROM read_parquet(%s, file_row_number = true)"
        .formatted(columns.isEmpty() ? "'{}'" : metadata, DuckDb.literal(file));
  }

  private static void take(long row, ResultSet result, Path file, Rows rows)
      throws SQLException, JsonProcessingException {
    String text = result.getString(2);
    if (text == null) {
      rows.bad("expected a text, got null in row %d (from 0) of %s".formatted(row, file));
    } else {
      rows.row(row, text, (ObjectNode) Json.MAPPER.readTree(result.getString(3)));
    }
  }
}
