/**
 * What features know, against labels: sparse probes beside dense ones and neurons, and the
 * absorption of first letters. Uses the model, activations, dictionaries, text and the resampling
 * of {@code evaluate}; knows nothing of stores or pages.
 */
@NullMarked
package dev.loupe.probing;

import org.jspecify.annotations.NullMarked;
