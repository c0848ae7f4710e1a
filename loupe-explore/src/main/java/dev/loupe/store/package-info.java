/**
 * The feature store: what an analysis found out about every feature of a dictionary, as one folder
 * of Parquet files that any tool reads. Uses core's files and database; knows neither models nor
 * how the numbers came about.
 */
@NullMarked
package dev.loupe.store;

import org.jspecify.annotations.NullMarked;
