package dev.loupe.text;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;

/**
 * The one place that opens DuckDB here: in memory, one thread (so rows keep the order of the file),
 * bounded memory, no extensions fetched or loaded, no access but to the one file, and all of that
 * locked. Results are streamed.
 */
final class ParquetConnection {
  private ParquetConnection() {}

  /** A connection that may read {@code file} and nothing else; the caller closes it. */
  static Connection open(Path file) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("autoinstall_known_extensions", "false");
    properties.setProperty("autoload_known_extensions", "false");
    properties.setProperty("jdbc_stream_results", "true");
    Connection connection = DriverManager.getConnection("jdbc:duckdb:", properties);
    try (Statement statement = connection.createStatement()) {
      for (String setting : settings(file)) {
        statement.execute("SET " + setting);
      }
      return connection;
    } catch (SQLException e) {
      try (connection) {
        throw e;
      }
    }
  }

  /** The file as a literal of a query. */
  static String literal(Path file) {
    return "'" + file.toAbsolutePath().normalize().toString().replace("'", "''") + "'";
  }

  private static List<String> settings(Path file) {
    return List.of(
        "threads = 1",
        "memory_limit = '1GB'",
        "allowed_paths = [" + literal(file) + "]",
        "enable_external_access = false",
        "lock_configuration = true");
  }
}
