/**
 * The language model: configuration, forward pass, hooks that see and replace activations, and
 * generation. Uses tensors, safetensors and text; nothing of dictionaries.
 */
@NullMarked
package dev.loupe.model;

import org.jspecify.annotations.NullMarked;
