package dev.loupe.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loupe.database.DuckDb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ParquetReaderTest {
  @TempDir private Path folder;

  @Test
  void readsRowsInOrderWithTheirMetadata() throws SQLException, IOException {
    Path file =
        write(
            "it's.parquet",
            """
            SELECT 'text ' || i AS text, {'split': 'held-out', 'n': i} AS meta, DATE '2020-01-02'
            AS "a ""day" FROM range(300000) t(i)
            """);
    Path link = Files.createSymbolicLink(folder.resolve("link.parquet"), file);
    List<Document> documents = TestCorpora.read(CorpusSpec.parse(link.toString()));
    assertThat(documents).hasSize(300000);
    for (int i = 0; i < documents.size(); i += 997) {
      Document document = documents.get(i);
      assertThat(document.text()).isEqualTo("text " + i);
      assertThat(document.reference()).isEqualTo(new DocumentReference(0, 0, i));
      assertThat(document.metadata().path("meta").path("n").asInt()).isEqualTo(i);
      assertThat(document.metadata().path("a \"day").asText()).isEqualTo("2020-01-02");
    }
    assertThat(Split.HELD_OUT.accepts(documents.getFirst())).isTrue();
  }

  @Test
  void textAloneIsEnoughAndNullIsBad() throws SQLException {
    Path file = write("a.parquet", "SELECT 'a' AS text UNION ALL SELECT NULL");
    CorpusSpec corpus = CorpusSpec.parse(file.toString());
    assertThatThrownBy(() -> TestCorpora.read(corpus))
        .isInstanceOf(CorpusException.class)
        .hasMessageContaining("row 1 (from 0) of " + file);
    DocumentReader skipping = new DocumentReader(corpus, true);
    skipping.forEach(0, document -> assertThat(document.metadata()).isEmpty());
    assertThat(skipping.badLines()).isEqualTo(1);
  }

  @Test
  void columnTextIsRequired() throws SQLException {
    assertBad(write("a.parquet", "SELECT 'a' AS content, 1 AS n"), "the columns [content, n]");
    assertBad(write("b.parquet", "SELECT 1 AS text"), "one of INTEGER");
  }

  @Test
  void brokenFileIsNamed() throws SQLException, IOException {
    Path file = write("a.parquet", "SELECT 'text ' || i AS text FROM range(5000) t(i)");
    byte[] whole = Files.readAllBytes(file);
    for (int bytes : new int[] {1, 4, whole.length / 2, whole.length - 1}) {
      Files.write(file, Arrays.copyOf(whole, bytes));
      assertBad(file, "expected a Parquet file");
    }
  }

  @Test
  void connectionReachesNothingElseAndIsLocked() throws SQLException, IOException {
    Path file = write("a.parquet", "SELECT 'a' AS text");
    Path other = Files.writeString(folder.resolve("other.csv"), "secret\n1\n");
    assertRefused(file, "SELECT * FROM read_csv('%s')".formatted(other), "disabled");
    assertRefused(file, "COPY (SELECT 1) TO '%s'".formatted(other), "disabled");
    assertRefused(file, "SET threads = 2", "locked");
    assertRefused(file, "INSTALL httpfs", "disabled");
  }

  private static void assertRefused(Path file, String query, String message) throws SQLException {
    try (Connection connection = DuckDb.openFile(file);
        Statement statement = connection.createStatement()) {
      assertThatThrownBy(() -> statement.execute(query))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining(message);
    }
  }

  private static void assertBad(Path file, String message) {
    assertThatThrownBy(() -> TestCorpora.read(CorpusSpec.parse(file.toString())))
        .isInstanceOf(CorpusException.class)
        .hasMessageContaining(message)
        .hasMessageContaining(file.toString());
  }

  private Path write(String name, String query) throws SQLException {
    Path file = folder.resolve(name);
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      statement.execute(
          "COPY (%s) TO '%s' (FORMAT parquet, ROW_GROUP_SIZE 20000)"
              .formatted(query, file.toString().replace("'", "''")));
    }
    return file;
  }
}
