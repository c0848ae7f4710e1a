package dev.loupe.store;

import dev.loupe.database.DuckDb;
import java.nio.file.Path;

/** How the files of a store are written. */
final class ParquetFile {
  /** Rows that a reader of one feature or window has to look through. */
  private static final int ROW_GROUP = 8_192;

  private ParquetFile() {}

  /** A statement that writes the rows of a query. */
  static String copy(String query, Path file) {
    return ("COPY (%s) TO %s (FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd,"
            + " ROW_GROUP_SIZE %d, KV_METADATA {loupe_format: '%d'})")
        .formatted(query, DuckDb.literal(file), ROW_GROUP, StoreSummary.FORMAT);
  }
}
