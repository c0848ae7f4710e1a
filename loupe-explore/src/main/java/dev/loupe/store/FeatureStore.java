package dev.loupe.store;

import dev.loupe.database.DuckDb;
import dev.loupe.files.FileFormatException;
import dev.loupe.files.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

/**
 * The feature store of one dictionary, opened for queries: each table is a view of its name. Owns a
 * database connection until closed. One thread at a time; a store that is replaced meanwhile fails
 * with {@link StoreException}.
 */
public final class FeatureStore implements AutoCloseable {
  private final Path folder;
  private final StoreSummary summary;
  private final Connection connection;

  private FeatureStore(Path folder, StoreSummary summary, Connection connection) {
    this.folder = folder;
    this.summary = summary;
    this.connection = connection;
  }

  /** Whether a folder holds a feature store. */
  public static boolean isWritten(Path folder) {
    return Files.isRegularFile(folder.resolve(StoreSummary.FILE));
  }

  /**
   * What a store says of the dictionary as a whole, from one small file.
   *
   * @throws FileFormatException for no store, or one of another version
   */
  public static StoreSummary summary(Path folder) {
    Path file = folder.resolve(StoreSummary.FILE);
    if (!Files.isRegularFile(file)) {
      throw new FileFormatException(
          folder, "expected a feature store, got no " + StoreSummary.FILE, "analyze writes it");
    }
    StoreSummary summary;
    try {
      summary = Json.read(file, StoreSummary.class); // once: a server's start reads all of a suite
    } catch (FileFormatException e) {
      checkFormat(
          file, Json.readObject(file).path("format").asInt(-1)); // another form is the reason
      throw e;
    }
    checkFormat(file, summary.format());
    return summary;
  }

  private static void checkFormat(Path file, int format) {
    if (format != StoreSummary.FORMAT) {
      throw new FileFormatException(
          file,
          "expected a feature store of format " + StoreSummary.FORMAT + ", got " + format,
          "analyze writes it anew");
    }
  }

  /** Opens a store; the caller closes it. */
  @SuppressWarnings("MustBeClosedChecker") // owned by the result, closed here if there is none
  public static FeatureStore open(Path folder) {
    StoreSummary summary = summary(folder);
    for (StoreTable table : StoreTable.values()) {
      if (!Files.isRegularFile(folder.resolve(table.file()))) {
        throw new FileFormatException(
            folder, "expected " + table.file() + " in a feature store, got none", "analyze again");
      }
    }
    try {
      FeatureStore store = new FeatureStore(folder, summary, DuckDb.openFolder(folder));
      try (Statement statement = store.connection.createStatement()) {
        for (StoreTable table : StoreTable.values()) {
          statement.execute(
              "CREATE VIEW %s AS SELECT * FROM read_parquet(%s)"
                  .formatted(table.label(), DuckDb.literal(folder.resolve(table.file()))));
        }
        checkFeatures(folder, summary.features(), statement);
        return store;
      } catch (SQLException | RuntimeException e) {
        try (store) {
          throw e;
        }
      }
    } catch (SQLException e) {
      throw new StoreException(folder, "cannot open the feature store: " + e.getMessage(), e);
    }
  }

  private static void checkFeatures(Path folder, int expected, Statement statement)
      throws SQLException {
    try (ResultSet rows = statement.executeQuery("SELECT count(*) FROM features")) {
      rows.next();
      if (rows.getLong(1) != expected) {
        throw new FileFormatException(
            folder.resolve(StoreTable.FEATURES.file()),
            "expected %,d features as in analysis.json, got %,d"
                .formatted(expected, rows.getLong(1)),
            "analyze again");
      }
    }
  }

  public StoreSummary summary() {
    return summary;
  }

  /**
   * Features that a condition holds of.
   *
   * @param where an SQL condition over the columns of {@code features}, of which other tables can
   *     be asked in subqueries; {@code true} for all
   * @param order SQL after ORDER BY
   * @throws IllegalArgumentException for a condition that is none
   */
  public List<FeatureRow> features(String where, String order, int limit) {
    List<FeatureRow> rows = new ArrayList<>();
    asked(
        where,
        "SELECT * FROM features WHERE (%s\n) ORDER BY %s LIMIT %d".formatted(where, order, limit),
        row -> rows.add(StoredRows.feature(row)));
    return rows;
  }

  /** How many features a condition holds of, as {@link #features} takes it. */
  public long count(String where) {
    long[] count = new long[1];
    asked(
        where,
        "SELECT count(*) AS n FROM features WHERE (%s\n)".formatted(where),
        row -> count[0] = row.wide("n"));
    return count[0];
  }

  /** Runs a query that has a condition of the user's. */
  private void asked(String where, String sql, RowConsumer consumer) {
    try {
      query(sql, consumer);
    } catch (SQLException e) {
      throw new IllegalArgumentException(
          "expected an SQL condition over the columns of features (%s), got '%s': %s"
              .formatted(columnNames(), where, e.getMessage().lines().findFirst().orElse("")),
          e);
    }
  }

  /**
   * Features that reward a look: more than the names of tokens, spread over firing rates.
   *
   * @param count how many; all candidates where there are fewer
   * @param where as {@link #features} takes it
   * @return from rare to frequent
   */
  public List<Integer> interesting(int count, long seed, String where) {
    List<InterestingFeatures.Candidate> candidates = new ArrayList<>();
    asked(
        where,
        """
        SELECT feature, clearness FROM (
          SELECT s.feature,
            min(s.activation) / any_value(f.mean)
              * (1 + count(DISTINCT w.ids[s.position - w.first_position + 1]) / %1$d.0) AS clearness,
            any_value(f.firings) AS firings
          FROM samples s JOIN windows w USING ("window") JOIN features f USING (feature)
          WHERE s.kind = 'top' AND s.rank < %1$d
            AND f.token_share < 0.5 AND f.firings >= 50 AND f.contexts >= 10
            AND feature IN (SELECT feature FROM features WHERE (%2$s
            ))
          GROUP BY s.feature)
        ORDER BY firings, feature
        """
            .formatted(InterestingFeatures.PEAKS, where),
        row ->
            candidates.add(
                new InterestingFeatures.Candidate(row.integer("feature"), row.real("clearness"))));
    return InterestingFeatures.choose(candidates, count, seed);
  }

  /** A feature's samples with their texts, by kind, band and rank. */
  public List<SampleText> texts(int feature) {
    return texts(samples(feature));
  }

  private List<SampleText> texts(List<SampleRow> samples) {
    Map<Integer, WindowRow> windows =
        windows(samples.stream().flatMap(SampleText::windows).collect(Collectors.toSet())).stream()
            .collect(Collectors.toMap(WindowRow::window, window -> window));
    return samples.stream().map(sample -> SampleText.of(sample, windows)).toList();
  }

  /**
   * All that the store has of some features, one query a table: for those who go through many, so
   * many at a time as fit in memory.
   *
   * @param kinds of samples
   * @return in the order of the numbers given
   */
  public List<StoredFeature> read(Collection<Integer> features, Set<SampleKind> kinds) {
    features.forEach(this::check);
    if (features.isEmpty()) {
      return List.of();
    }
    String these = "feature IN (%s)".formatted(list(features));
    String those =
        kinds.stream().map(kind -> DuckDb.literal(kind.label())).collect(Collectors.joining(", "));
    String samples = kinds.isEmpty() ? "false" : "%s AND kind IN (%s)".formatted(these, those);
    Map<Integer, List<FeatureRow>> rows =
        grouped(all(StoreTable.FEATURES, these, StoredRows::feature), FeatureRow::feature);
    Map<Integer, List<HistogramRow>> histograms =
        grouped(all(StoreTable.HISTOGRAMS, these, StoredRows::histogram), HistogramRow::feature);
    Map<Integer, List<LogitsRow>> logits =
        grouped(all(StoreTable.LOGITS, these, StoredRows::logits), LogitsRow::feature);
    Map<Integer, List<NeighboursRow>> neighbours =
        grouped(all(StoreTable.NEIGHBOURS, these, StoredRows::neighbours), NeighboursRow::feature);
    Map<Integer, List<SampleText>> texts =
        grouped(
            texts(all(StoreTable.SAMPLES, samples, StoredRows::sample)),
            text -> text.sample().feature());
    return features.stream()
        .map(feature ->
            new StoredFeature(
                only(StoreTable.FEATURES, feature, rows.getOrDefault(feature, List.of())),
                only(StoreTable.HISTOGRAMS, feature, histograms.getOrDefault(feature, List.of())),
                only(StoreTable.LOGITS, feature, logits.getOrDefault(feature, List.of())),
                neighbours.getOrDefault(feature, List.of()),
                texts.getOrDefault(feature, List.of())))
        .toList();
  }

  private static <T> Map<Integer, List<T>> grouped(List<T> rows, ToIntFunction<T> feature) {
    return rows.stream().collect(Collectors.groupingBy(feature::applyAsInt));
  }

  private static String list(Collection<Integer> numbers) {
    return numbers.stream()
        .sorted()
        .distinct()
        .map(String::valueOf)
        .collect(Collectors.joining(", "));
  }

  private static String columnNames() {
    return StoreTable.FEATURES.columns().stream()
        .map(column -> column.substring(0, column.indexOf(' ')))
        .collect(Collectors.joining(", "));
  }

  /** The numbers of all features, column by column. */
  public FeatureColumns columns() {
    List<String> categories = new ArrayList<>();
    run(
        "SELECT DISTINCT category FROM features WHERE category IS NOT NULL ORDER BY category",
        row -> categories.add(row.text("category")));
    FeatureColumns columns = FeatureColumns.empty(summary.features(), categories);
    run(
        """
        SELECT feature, firings, rate, contexts, maximum, mean, deviation, quantiles, token_share,
          dead, dense, single_token, category, category_sign, category_f1
        FROM features
        """,
        row -> fill(columns, row));
    return columns;
  }

  private void fill(FeatureColumns columns, Columns row) throws SQLException {
    int feature = row.integer("feature");
    check(feature);
    long firings = row.wide("firings");
    if (firings != (int) firings) {
      throw new IllegalArgumentException(
          "expected firings of feature %d below 2^31, got %,d".formatted(feature, firings));
    }
    columns.firings()[feature] = (int) firings;
    columns.rate()[feature] = row.real("rate");
    columns.contexts()[feature] = row.integer("contexts");
    columns.maximum()[feature] = row.real("maximum");
    columns.mean()[feature] = row.real("mean");
    columns.deviation()[feature] = row.real("deviation");
    float[] quantiles = row.reals("quantiles");
    if (quantiles.length > 0) { // of a feature that fires
      Lists.requireEqual("quantiles", FeatureColumns.QUANTILES, quantiles.length);
    }
    System.arraycopy(
        quantiles, 0, columns.quantiles(), feature * FeatureColumns.QUANTILES, quantiles.length);
    columns.tokenShare()[feature] = row.real("token_share");
    columns.flags()[feature] =
        (byte)
            ((row.is("dead") ? FeatureColumns.DEAD : 0)
                + (row.is("dense") ? FeatureColumns.DENSE : 0)
                + (row.is("single_token") ? FeatureColumns.SINGLE_TOKEN : 0));
    columns.category()[feature] = (byte) columns.categories().indexOf(row.text("category"));
    columns.categorySign()[feature] = (byte) row.integer("category_sign");
    columns.categoryF1()[feature] = row.real("category_f1");
  }

  /** The tokens of all features, column by column. */
  public TokenColumns tokenColumns() {
    int[] tokens = TokenColumns.filled(summary.features(), TokenColumns.TOKENS);
    int[] top = TokenColumns.filled(summary.features(), TokenColumns.LOGITS);
    int[] bottom = TokenColumns.filled(summary.features(), TokenColumns.LOGITS);
    Map<Integer, String> texts = new HashMap<>();
    run(
        "SELECT feature, token_ids, tokens FROM features",
        row -> fill(tokens, TokenColumns.TOKENS, texts, row, "token_ids", "tokens"));
    run(
        "SELECT feature, top_ids, top_tokens, bottom_ids, bottom_tokens FROM logits",
        row -> {
          fill(top, TokenColumns.LOGITS, texts, row, "top_ids", "top_tokens");
          fill(bottom, TokenColumns.LOGITS, texts, row, "bottom_ids", "bottom_tokens");
        });
    return new TokenColumns(tokens, top, bottom, texts);
  }

  private void fill(
      int[] to, int each, Map<Integer, String> texts, Columns row, String ids, String names)
      throws SQLException {
    int feature = row.integer("feature");
    check(feature);
    int[] found = row.integers(ids);
    String[] words = row.texts(names);
    for (int i = 0; i < Math.min(each, found.length); i++) {
      to[feature * each + i] = found[i];
      texts.putIfAbsent(found[i], words[i]);
    }
  }

  /** One feature's row. */
  public FeatureRow feature(int feature) {
    return one(StoreTable.FEATURES, feature, StoredRows::feature);
  }

  public HistogramRow histogram(int feature) {
    return one(StoreTable.HISTOGRAMS, feature, StoredRows::histogram);
  }

  public LogitsRow logits(int feature) {
    return one(StoreTable.LOGITS, feature, StoredRows::logits);
  }

  /** By relation and dictionary, in the order in which they were written. */
  public List<NeighboursRow> neighbours(int feature) {
    return all(StoreTable.NEIGHBOURS, "feature = " + feature, StoredRows::neighbours);
  }

  /** By kind, band and rank. */
  public List<SampleRow> samples(int feature) {
    return all(StoreTable.SAMPLES, "feature = " + feature, StoredRows::sample);
  }

  /** Samples of several features, without their texts, by feature. */
  public Map<Integer, List<SampleRow>> samples(Collection<Integer> features) {
    features.forEach(this::check);
    return features.isEmpty()
        ? Map.of()
        : grouped(
            all(
                StoreTable.SAMPLES,
                "feature IN (%s)".formatted(list(features)),
                StoredRows::sample),
            SampleRow::feature);
  }

  /** One more than the largest number of a window. */
  public int windowCount() {
    int[] count = new int[1];
    run(
        "SELECT coalesce(max(\"window\") + 1, 0) AS n FROM windows",
        row -> count[0] = row.integer("n"));
    return count[0];
  }

  /** Windows with the numbers given, as far as the store has them, ascending. */
  public List<WindowRow> windows(Collection<Integer> numbers) {
    List<WindowRow> rows = new ArrayList<>();
    if (numbers.isEmpty()) {
      return rows;
    }
    run(
        "SELECT * FROM windows WHERE \"window\" IN (%s) ORDER BY \"window\""
            .formatted(list(numbers)),
        row -> rows.add(StoredRows.window(row)));
    return rows;
  }

  /** Windows drawn from the whole corpus, whatever fires in them: those of all random samples. */
  public List<WindowRow> randomWindows() {
    List<WindowRow> rows = new ArrayList<>();
    run(
        """
        SELECT * FROM windows
        WHERE "window" IN (SELECT "window" FROM samples WHERE kind = %s) ORDER BY "window"
        """
            .formatted(DuckDb.literal(SampleKind.RANDOM.label())),
        row -> rows.add(StoredRows.window(row)));
    return rows;
  }

  /** Makes a value of a row. */
  private interface Reader<T> {
    T read(Columns row) throws SQLException;
  }

  /** Does something with a row. */
  private interface RowConsumer {
    void accept(Columns row) throws SQLException;
  }

  private <T> T one(StoreTable table, int feature, Reader<T> reader) {
    check(feature);
    return only(table, feature, all(table, "feature = " + feature, reader));
  }

  private void check(int feature) {
    if (feature < 0 || feature >= summary.features()) {
      throw new IllegalArgumentException(
          "expected a feature of %s from 0 to %d, got %d"
              .formatted(summary.dictionary(), summary.features() - 1, feature));
    }
  }

  private <T> T only(StoreTable table, int feature, List<T> rows) {
    if (rows.size() != 1) {
      throw new StoreException(
          folder,
          "expected one row of feature %d in %s, got %d; analyze again"
              .formatted(feature, table.file(), rows.size()));
    }
    return rows.getFirst();
  }

  private <T> List<T> all(StoreTable table, String where, Reader<T> reader) {
    List<T> rows = new ArrayList<>();
    run(
        "SELECT * FROM %s WHERE %s".formatted(table.label(), where),
        row -> rows.add(reader.read(row)));
    return rows;
  }

  private void run(String sql, RowConsumer consumer) {
    try {
      query(sql, consumer);
    } catch (SQLException e) {
      throw new StoreException(folder, "cannot read the feature store: " + e.getMessage(), e);
    }
  }

  private void query(String sql, RowConsumer consumer) throws SQLException {
    // prepared first: a streamed query that fails otherwise does not say why
    try (PreparedStatement statement = connection.prepareStatement(sql);
        ResultSet result = statement.executeQuery()) {
      Columns columns = new Columns(result);
      while (result.next()) {
        consumer.accept(columns);
      }
    } catch (IllegalArgumentException e) { // a row that cannot be
      throw new StoreException(folder, "cannot read the feature store: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw new StoreException(folder, "cannot close the feature store: " + e.getMessage(), e);
    }
  }
}
