package dev.loupe.database;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;

/**
 * The one place that opens DuckDB: in memory, one thread (so that rows keep their order and files
 * their bytes), bounded memory, no extensions fetched or loaded, access to the paths named and to
 * nothing else, and all of that locked. Results are streamed.
 */
public final class DuckDb {
  private static final String MEMORY = "1GB";

  /** Where there is a folder for what does not fit. */
  private static final String MEMORY_WITH_FOLDER = "256MB";

  private DuckDb() {}

  /** A connection that may use one file and nothing else; the caller closes it. */
  public static Connection openFile(Path file) throws SQLException {
    return open(MEMORY, List.of("allowed_paths = [" + literal(file) + "]"));
  }

  /** A connection that may use what is in one folder and nothing else; the caller closes it. */
  public static Connection openFolder(Path folder) throws SQLException {
    return open(
        MEMORY, List.of("allowed_directories = [" + literal(folder) + "]", "temp_directory = ''"));
  }

  /**
   * As {@link #openFolder} with several, the first of which also takes what does not fit in memory.
   */
  public static Connection openFolders(List<Path> folders) throws SQLException {
    String all = folders.stream().map(DuckDb::literal).collect(Collectors.joining(", "));
    return open(
        MEMORY_WITH_FOLDER,
        List.of(
            "allowed_directories = [" + all + "]",
            "temp_directory = " + literal(folders.getFirst().resolve("duckdb"))));
  }

  /** Loads the native library, asks it something, and gives its version. */
  public static String version() throws SQLException {
    try (Connection connection = open(MEMORY, List.of());
        Statement statement = connection.createStatement();
        ResultSet answer = statement.executeQuery("SELECT version()")) {
      answer.next();
      return answer.getString(1);
    }
  }

  /** A path as a literal of a query. */
  public static String literal(Path path) {
    return literal(path.toAbsolutePath().normalize().toString());
  }

  /** A text as a literal of a query. */
  public static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  private static Connection open(String memory, List<String> access) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("autoinstall_known_extensions", "false");
    properties.setProperty("autoload_known_extensions", "false");
    properties.setProperty("jdbc_stream_results", "true");
    List<String> settings = new ArrayList<>();
    settings.add("threads = 1");
    settings.add("memory_limit = '" + memory + "'");
    settings.addAll(access);
    settings.add("enable_external_access = false");
    settings.add("lock_configuration = true");
    Connection connection = DriverManager.getConnection("jdbc:duckdb:", properties);
    try (Statement statement = connection.createStatement()) {
      for (String setting : settings) {
        statement.execute("SET " + setting);
      }
      return connection;
    } catch (SQLException e) {
      try (connection) {
        throw e;
      }
    }
  }
}
