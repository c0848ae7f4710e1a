package dev.loupe.store;

import dev.loupe.database.DuckDb;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;

/**
 * Writes all windows of an analysis to one file, of which each dictionary's store takes those that
 * it refers to. Texts come in the order of the corpus's files, losses in the order of its contexts;
 * the database brings them together. Owns it until closed. One thread at a time.
 */
public final class WindowFile implements AutoCloseable {
  private static final String TEXT_COLUMNS =
      String.join(", ", StoreTable.WINDOWS.columns().subList(0, 11));

  private final Path file;
  private final Connection connection;
  private final DuckDBAppender texts;
  private final DuckDBAppender losses;

  private WindowFile(Path file, Connection connection) throws SQLException {
    this.file = file;
    this.connection = connection;
    execute("CREATE TABLE texts (%s)".formatted(TEXT_COLUMNS));
    execute("CREATE TABLE losses (\"window\" INTEGER, losses FLOAT[])");
    texts = connection.unwrap(DuckDBConnection.class).createAppender("main", "texts");
    losses = connection.unwrap(DuckDBConnection.class).createAppender("main", "losses");
  }

  /** A file to be written into an existing folder; the caller closes the result. */
  public static WindowFile create(Path file) {
    try {
      Path folder = file.toAbsolutePath().getParent();
      Connection connection = DuckDb.openFolders(List.of(folder == null ? file : folder));
      try {
        return new WindowFile(file, connection);
      } catch (SQLException e) {
        try (connection) {
          throw e;
        }
      }
    } catch (SQLException e) {
      throw new StoreException(file, "cannot write windows: " + e.getMessage(), e);
    }
  }

  /** Adds a window; its losses are not looked at. */
  public void addText(WindowRow row) {
    try {
      texts.beginRow().append(row.window()).append(row.context()).append(row.firstPosition());
      texts.append(row.source()).append(row.file()).append(row.row());
      texts.append(row.metadata()).append(row.text());
      texts.append(row.ids()).append(row.starts()).append(row.ends()).endRow();
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** Adds the losses of a window, NaN where there is none. */
  public void addLosses(int window, float[] values) {
    boolean[] missing = new boolean[values.length];
    for (int i = 0; i < values.length; i++) {
      missing[i] = Float.isNaN(values[i]);
    }
    try {
      losses.beginRow().append(window).append(Rounded.of(values), missing).endRow();
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** Writes the file. */
  public void finish() {
    try {
      texts.close();
      losses.close();
      execute(
          ParquetFile.copy(
              "SELECT texts.*, losses FROM texts JOIN losses USING (\"window\") ORDER BY"
                  + " \"window\"",
              file));
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private StoreException failed(SQLException e) {
    return new StoreException(file, "cannot write windows: " + e.getMessage(), e);
  }

  @Override
  public void close() {
    try (connection) {
      for (DuckDBAppender appender : List.of(texts, losses)) {
        if (!appender.isClosed()) {
          appender.close();
        }
      }
    } catch (SQLException e) {
      throw failed(e);
    }
  }
}
