/**
 * A suite and its language model at work on one text: which features fire, and what the model does
 * when they are changed. Uses core and feature stores.
 */
@NullMarked
package dev.loupe.inference;

import org.jspecify.annotations.NullMarked;
