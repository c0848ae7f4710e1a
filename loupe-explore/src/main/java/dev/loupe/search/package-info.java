/**
 * Finding features across the dictionaries of a suite, by words or by meaning: in what people wrote
 * about them, in the tokens they fire on, in those they make likely. Uses stores and notes; the
 * only place for the embedding model.
 */
@NullMarked
package dev.loupe.search;

import org.jspecify.annotations.NullMarked;
