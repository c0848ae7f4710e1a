/**
 * Formats of other tools, written from a feature store and read back: batch files of SAEDashboard,
 * the bulk layout of Neuronpedia. Uses the store, and core's names and files; asks a store only by
 * its methods, and knows nothing of how it came about.
 */
@NullMarked
package dev.loupe.exchange;

import org.jspecify.annotations.NullMarked;
