/**
 * From token batches to shuffled activations: capture of all wanted hooks in one pass, the token
 * policy, the shuffle buffer, the cache on disk. Uses the model and text; knows nothing of
 * dictionaries.
 */
@NullMarked
package dev.loupe.activation;

import org.jspecify.annotations.NullMarked;
