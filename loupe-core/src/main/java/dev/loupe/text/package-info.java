/**
 * Text on its way to a model: the tokenizer, corpora in every format, and the batches of tokens
 * drawn from them. Uses Jackson, zstd, and as the only place in this module DJL's tokenizers and
 * DuckDB's JDBC (for Parquet corpora). Knows nothing of tensors or models.
 */
@NullMarked
package dev.loupe.text;

import org.jspecify.annotations.NullMarked;
