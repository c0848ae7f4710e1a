package dev.loupe.store;

import java.sql.SQLException;
import java.util.Optional;

/** Makes values of the rows of a store's tables. */
final class StoredRows {
  private StoredRows() {}

  static FeatureRow feature(Columns row) throws SQLException {
    return new FeatureRow(
        row.integer("feature"),
        row.wide("firings"),
        row.interval("rate"),
        row.integer("contexts"),
        row.real("maximum"),
        row.real("mean"),
        row.real("deviation"),
        row.reals("quantiles"),
        row.real("token_share"),
        new FeatureRow.TopTokens(
            row.integers("token_ids"),
            row.texts("tokens"),
            row.integers("token_firings"),
            row.reals("token_activation_shares")),
        row.integers("position_firings"),
        row.is("dead"),
        row.is("dense"),
        row.is("single_token"),
        category(row),
        row.reals("band_edges"),
        row.integers("band_windows"));
  }

  private static Optional<FeatureRow.Category> category(Columns row) throws SQLException {
    String name = row.text("category");
    return name.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new FeatureRow.Category(
                name,
                row.integer("category_sign"),
                row.real("category_threshold"),
                row.interval("category_f1")));
  }

  static HistogramRow histogram(Columns row) throws SQLException {
    return new HistogramRow(
        row.integer("feature"),
        row.reals("log_edges"),
        row.integers("log_counts"),
        row.integers("linear_counts"));
  }

  static LogitsRow logits(Columns row) throws SQLException {
    return new LogitsRow(
        row.integer("feature"),
        row.real("mean"),
        row.real("deviation"),
        row.real("minimum"),
        row.real("maximum"),
        row.integers("counts"),
        tokens(row, "top"),
        tokens(row, "bottom"));
  }

  private static LogitsRow.Tokens tokens(Columns row, String end) throws SQLException {
    return new LogitsRow.Tokens(
        row.integers(end + "_ids"),
        row.texts(end + "_tokens"),
        row.reals(end + "_logits"),
        row.reals(end + "_z"));
  }

  static NeighboursRow neighbours(Columns row) throws SQLException {
    return new NeighboursRow(
        row.integer("feature"),
        row.text("relation"),
        row.text("dictionary"),
        row.integers("neighbours"),
        row.reals("cosines"),
        row.reals("phi"),
        row.reals("lift"),
        row.integers("firings"));
  }

  static SampleRow sample(Columns row) throws SQLException {
    SampleKind kind = SampleKind.parse(row.text("kind"));
    return new SampleRow(
        row.integer("feature"),
        kind,
        kind == SampleKind.BAND ? row.integer("band") : -1,
        row.integer("rank"),
        row.integer("window"),
        row.integer("position"),
        row.real("activation"),
        row.integers("positions"),
        row.reals("activations"),
        row.integer("duplicates"));
  }

  static WindowRow window(Columns row) throws SQLException {
    int[] ids = row.integers("ids");
    float[] losses = row.reals("losses");
    Lists.requireEqual("the losses of a window", ids.length, losses.length);
    return new WindowRow(
        row.integer("window"),
        row.integer("context"),
        row.integer("first_position"),
        row.text("source"),
        row.text("file"),
        row.wide("row"),
        row.text("metadata"),
        row.text("text"),
        ids,
        row.integers("starts"),
        row.integers("ends"),
        losses);
  }
}
