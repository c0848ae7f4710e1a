/**
 * Benchmarks of the kernels alone, on JMH, and of the pages in a browser. Steps and models are
 * timed by {@code loupe bench}.
 */
@NullMarked
package dev.loupe.bench;

import org.jspecify.annotations.NullMarked;
