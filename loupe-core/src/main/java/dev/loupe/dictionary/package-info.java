/**
 * Sparse dictionaries: names, gates, encoding and decoding, post-processing, the inference contract
 * and the file formats. Uses tensors, safetensors, hooks; knows nothing of training.
 */
@NullMarked
package dev.loupe.dictionary;

import org.jspecify.annotations.NullMarked;
