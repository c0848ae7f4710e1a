package dev.loupe.safetensors;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.SortedMap;

/**
 * What the header of a safetensors file says, checked: a length (8 bytes, little-endian), a JSON
 * object padded with spaces, then the data, which the tensors cover without gap or overlap.
 *
 * <p>Format: github.com/huggingface/safetensors.
 */
record Header(SortedMap<String, TensorEntry> entries, Map<String, String> metadata) {
  /** Bytes of the length field. */
  static final int LENGTH_BYTES = 8;

  /** The limit of the format's own library. */
  static final long MAX_BYTES = 100_000_000;

  /** The key that is no tensor. */
  static final String METADATA = "__metadata__";

  /** How the length is stored. */
  static final ValueLayout.OfLong LENGTH =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
}
