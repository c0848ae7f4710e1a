/**
 * What the features of a dictionary do on a corpus: rates, how far the token alone explains them,
 * and their strongest examples. Uses the model, activations, dictionaries and text of core; knows
 * nothing of storage or pages.
 */
@NullMarked
package dev.loupe.analyze;

import org.jspecify.annotations.NullMarked;
