/**
 * Reads and writes tensors in the safetensors format, one file or shards, and fingerprints them.
 * Trusts no header. Uses {@code tensor} and {@code files}.
 */
@NullMarked
package dev.loupe.safetensors;

import org.jspecify.annotations.NullMarked;
