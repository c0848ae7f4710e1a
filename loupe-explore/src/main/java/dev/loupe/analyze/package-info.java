/**
 * What the features of a suite do on a corpus, from one pass of the model to a feature store of
 * each dictionary. Uses the model, activations, dictionaries and text of core, and writes through
 * {@code store}; knows nothing of pages.
 */
@NullMarked
package dev.loupe.analyze;

import org.jspecify.annotations.NullMarked;
