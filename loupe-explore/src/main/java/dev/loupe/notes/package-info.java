/**
 * What people write about features: explanations, notes, tags and bookmarks, in one file of a suite
 * that only grows. Uses core's files and the names of features; knows no stores and no models.
 */
@NullMarked
package dev.loupe.notes;

import org.jspecify.annotations.NullMarked;
