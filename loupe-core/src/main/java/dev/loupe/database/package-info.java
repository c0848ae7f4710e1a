/**
 * DuckDB, which reads and writes Parquet: how a connection is opened, and nothing else. Uses no
 * other package; knows nothing of what the files hold.
 */
@NullMarked
package dev.loupe.database;

import org.jspecify.annotations.NullMarked;
