/**
 * Finding features by words, across the dictionaries of a suite: in what people wrote about them,
 * in the tokens they fire on, in those they make likely. Uses stores and notes.
 */
@NullMarked
package dev.loupe.search;

import org.jspecify.annotations.NullMarked;
