/**
 * Figures and tables of a paper as data, and how they look: SVG, a page that needs nothing beside
 * it, JSON and CSV. Knows nothing of where the numbers come from. Uses the JDK, Jackson and core's
 * {@code files}.
 */
@NullMarked
package dev.loupe.figure;

import org.jspecify.annotations.NullMarked;
