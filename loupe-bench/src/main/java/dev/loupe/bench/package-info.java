/** Benchmarks of the kernels alone, on JMH. Steps and models are timed by {@code loupe bench}. */
@NullMarked
package dev.loupe.bench;

import org.jspecify.annotations.NullMarked;
