/**
 * How good dictionaries are: every number of a report, exact and streaming, for many dictionaries
 * on one pass of the language model, with bootstrap intervals over documents. Uses the model,
 * activations, dictionaries and text; prints nothing.
 */
@NullMarked
package dev.loupe.evaluate;

import org.jspecify.annotations.NullMarked;
