package dev.loupe.store;

import java.util.List;

/**
 * The files of a store and their columns, which {@code docs/guide/feature-store.md} defines with
 * their units. Names are a contract.
 */
enum StoreTable {
  FEATURES(
      "feature INTEGER",
      "firings BIGINT",
      "rate FLOAT",
      "rate_low FLOAT",
      "rate_high FLOAT",
      "contexts INTEGER",
      "maximum FLOAT",
      "mean FLOAT",
      "deviation FLOAT",
      "quantiles FLOAT[]",
      "token_share FLOAT",
      "token_ids INTEGER[]",
      "tokens VARCHAR[]",
      "token_firings INTEGER[]",
      "token_activation_shares FLOAT[]",
      "position_firings INTEGER[]",
      "dead BOOLEAN",
      "dense BOOLEAN",
      "single_token BOOLEAN",
      "category VARCHAR",
      "category_sign TINYINT",
      "category_threshold FLOAT",
      "category_f1 FLOAT",
      "category_f1_low FLOAT",
      "category_f1_high FLOAT",
      "band_edges FLOAT[]",
      "band_windows INTEGER[]"),
  HISTOGRAMS(
      "feature INTEGER", "log_edges FLOAT[]", "log_counts INTEGER[]", "linear_counts INTEGER[]"),
  LOGITS(
      "feature INTEGER",
      "mean FLOAT",
      "deviation FLOAT",
      "minimum FLOAT",
      "maximum FLOAT",
      "counts INTEGER[]",
      "top_ids INTEGER[]",
      "top_tokens VARCHAR[]",
      "top_logits FLOAT[]",
      "top_z FLOAT[]",
      "bottom_ids INTEGER[]",
      "bottom_tokens VARCHAR[]",
      "bottom_logits FLOAT[]",
      "bottom_z FLOAT[]"),
  NEIGHBOURS(
      "feature INTEGER",
      "relation VARCHAR",
      "dictionary VARCHAR",
      "neighbours INTEGER[]",
      "cosines FLOAT[]",
      "phi FLOAT[]",
      "lift FLOAT[]",
      "firings INTEGER[]"),
  SAMPLES(
      "feature INTEGER",
      "kind VARCHAR",
      "band TINYINT",
      "rank SMALLINT",
      "\"window\" INTEGER",
      "position INTEGER",
      "activation FLOAT",
      "positions INTEGER[]",
      "activations FLOAT[]",
      "duplicates INTEGER"),
  WINDOWS(
      "\"window\" INTEGER",
      "context INTEGER",
      "first_position INTEGER",
      "source VARCHAR",
      "file VARCHAR",
      "\"row\" BIGINT",
      "metadata VARCHAR",
      "text VARCHAR",
      "ids INTEGER[]",
      "starts INTEGER[]",
      "ends INTEGER[]",
      "losses FLOAT[]");

  private final String columns; // a list is no immutable field of an enum

  StoreTable(String... columns) {
    this.columns = String.join(",", columns);
  }

  /** The table's name, in lower case. */
  String label() {
    return switch (this) {
      case FEATURES -> "features";
      case HISTOGRAMS -> "histograms";
      case LOGITS -> "logits";
      case NEIGHBOURS -> "neighbours";
      case SAMPLES -> "samples";
      case WINDOWS -> "windows";
    };
  }

  String file() {
    return label() + ".parquet";
  }

  /** Names and types, as CREATE TABLE takes them. */
  List<String> columns() {
    return List.of(columns.split(",", -1));
  }
}
