package dev.loupe.store;

import dev.loupe.database.DuckDb;
import dev.loupe.files.AtomicFile;
import dev.loupe.files.Checksums;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;

/**
 * Fills a new folder with the files of a feature store: rows of each kind, features ascending; then
 * {@link #finish}. Rows go to a database beside, which keeps in memory what fits. Owns it until
 * closed. One thread at a time.
 */
public final class FeatureStoreWriter implements AutoCloseable {
  private final Path folder;
  private final Connection connection;
  private final Map<StoreTable, DuckDBAppender> appenders = new EnumMap<>(StoreTable.class);

  private FeatureStoreWriter(Path folder, Connection connection) {
    this.folder = folder;
    this.connection = connection;
  }

  /**
   * A writer into an existing, empty folder; the caller closes it.
   *
   * @param working a folder that takes what does not fit in memory, and has the windows
   */
  @SuppressWarnings("MustBeClosedChecker") // owned by the result, closed here if there is none
  public static FeatureStoreWriter open(Path working, Path folder) {
    try {
      FeatureStoreWriter writer =
          new FeatureStoreWriter(folder, DuckDb.openFolders(List.of(working, folder)));
      try {
        for (StoreTable table : StoreTable.values()) {
          if (table != StoreTable.WINDOWS) {
            writer.create(table);
          }
        }
        return writer;
      } catch (SQLException e) {
        try (writer) {
          throw e;
        }
      }
    } catch (SQLException e) {
      throw new StoreException(folder, "cannot write a feature store: " + e.getMessage(), e);
    }
  }

  private void create(StoreTable table) throws SQLException {
    execute("CREATE TABLE %s (%s)".formatted(table.label(), String.join(", ", table.columns())));
    appenders.put(
        table, connection.unwrap(DuckDBConnection.class).createAppender("main", table.label()));
  }

  public void add(FeatureRow row) {
    append(
        StoreTable.FEATURES,
        to -> {
          to.append(row.feature()).append(row.firings());
          append(to, row.rate());
          to.append(row.contexts());
          to.append(row.maximum()).append(row.mean()).append(row.deviation());
          to.append(row.quantiles());
          appendOrNull(to, row.tokenShare());
          to.append(row.tokens().ids());
          append(to, row.tokens().texts());
          to.append(row.tokens().firings()).append(Rounded.of(row.tokens().shares()));
          to.append(row.positionFirings());
          to.append(row.dead()).append(row.dense()).append(row.singleToken());
          if (row.category().isPresent()) {
            FeatureRow.Category category = row.category().get();
            to.append(category.name()).append((byte) category.sign()).append(category.threshold());
            append(to, category.f1());
          } else {
            for (int i = 0; i < 6; i++) {
              to.appendNull();
            }
          }
          to.append(row.bandEdges()).append(row.bandWindows());
        });
  }

  public void add(HistogramRow row) {
    append(
        StoreTable.HISTOGRAMS,
        to ->
            to.append(row.feature())
                .append(row.logEdges())
                .append(row.logCounts())
                .append(row.linearCounts()));
  }

  public void add(LogitsRow row) {
    append(
        StoreTable.LOGITS,
        to -> {
          to.append(row.feature()).append(row.mean()).append(row.deviation());
          to.append(row.minimum()).append(row.maximum()).append(row.counts());
          for (LogitsRow.Tokens tokens : List.of(row.top(), row.bottom())) {
            to.append(tokens.ids());
            append(to, tokens.texts());
            to.append(Rounded.of(tokens.logits())).append(Rounded.of(tokens.z()));
          }
        });
  }

  public void add(NeighboursRow row) {
    append(
        StoreTable.NEIGHBOURS,
        to -> {
          to.append(row.feature()).append(row.relation()).append(row.dictionary());
          to.append(row.neighbours());
          if (row.relation().equals(NeighboursRow.COACTIVATION)) {
            to.appendNull();
            to.append(Rounded.of(row.phi())).append(Rounded.of(row.lift())).append(row.firings());
          } else {
            to.append(Rounded.of(row.cosines())).appendNull().appendNull().appendNull();
          }
        });
  }

  public void add(SampleRow row) {
    append(
        StoreTable.SAMPLES,
        to -> {
          to.append(row.feature()).append(row.kind().label());
          if (row.band() < 0) {
            to.appendNull();
          } else {
            to.append((byte) row.band());
          }
          to.append((short) row.rank()).append(row.window()).append(row.position());
          to.append(Rounded.of(row.activation()));
          to.append(row.positions()).append(Rounded.of(row.activations()));
          to.append(row.duplicates());
        });
  }

  /**
   * Writes the files.
   *
   * @param windows numbers of the windows that are kept, ascending
   * @param windowFile what {@link WindowFile} wrote
   */
  public void finish(int[] windows, Path windowFile, StoreSummary summary) {
    try {
      execute("CREATE TABLE kept (\"window\" INTEGER)");
      try (DuckDBAppender kept =
          connection.unwrap(DuckDBConnection.class).createAppender("main", "kept")) {
        for (int window : windows) {
          kept.beginRow().append(window).endRow();
        }
      }
      for (StoreTable table : appenders.keySet()) {
        appenders.get(table).close();
        execute(copy("SELECT * FROM " + table.label(), table));
      }
      execute(
          copy(
              "SELECT * FROM read_parquet(%s) SEMI JOIN kept USING (\"window\") ORDER BY \"window\""
                  .formatted(DuckDb.literal(windowFile)),
              StoreTable.WINDOWS));
    } catch (SQLException e) {
      throw failed(e);
    }
    AtomicFile.writeJson(folder.resolve(StoreSummary.FILE), summary);
    Checksums.write(folder, _ -> true);
  }

  private String copy(String query, StoreTable table) {
    return ParquetFile.copy(query, folder.resolve(table.file()));
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** What fills the columns of a row. */
  private interface Columns {
    void fill(DuckDBAppender row) throws SQLException;
  }

  private void append(StoreTable table, Columns columns) {
    DuckDBAppender appender = appenders.get(table);
    if (appender == null) {
      throw new IllegalStateException("the writer of " + folder + " is closed");
    }
    try {
      appender.beginRow();
      columns.fill(appender);
      appender.endRow();
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  private static void append(DuckDBAppender to, FeatureRow.Interval interval) throws SQLException {
    to.append((float) interval.value());
    to.append((float) interval.low()).append((float) interval.high());
  }

  private static void append(DuckDBAppender to, String[] texts) throws SQLException {
    to.append(List.of(texts));
  }

  private static void appendOrNull(DuckDBAppender to, float value) throws SQLException {
    if (Float.isNaN(value)) {
      to.appendNull();
    } else {
      to.append(value);
    }
  }

  private StoreException failed(SQLException e) {
    return new StoreException(folder, "cannot write the feature store: " + e.getMessage(), e);
  }

  @Override
  public void close() {
    try (connection) {
      for (DuckDBAppender appender : appenders.values()) {
        if (!appender.isClosed()) {
          appender.close();
        }
      }
      appenders.clear();
    } catch (SQLException e) {
      throw failed(e);
    }
  }
}
