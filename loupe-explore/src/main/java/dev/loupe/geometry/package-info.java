/**
 * How the directions of dictionaries lie to each other, and how features of a narrow dictionary
 * split in a wide one. Uses the dictionaries and the model of core, {@code analyze}, and what
 * {@code store} and {@code notes} say of features; knows nothing of pages.
 */
@NullMarked
package dev.loupe.geometry;

import org.jspecify.annotations.NullMarked;
