/**
 * Work over the executors of Apache Spark: a suite whose passes are tasks, and counts of a corpus.
 * Spark places and retries, Hadoop's file systems keep what must outlive a machine; the work itself
 * is that of the other packages, none of which knows of this one.
 */
@NullMarked
package dev.loupe.cluster;

import org.jspecify.annotations.NullMarked;
