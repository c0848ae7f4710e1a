package dev.loupe.evaluate;

import dev.loupe.model.Hook;
import dev.loupe.tensor.Tensor;
import java.util.Map;

/**
 * Consecutive counted tokens of a corpus with their activations, which are borrowed.
 *
 * @param start counted tokens before the first
 * @param documents for each token the number of its document
 * @param rows for each hook [tokens, d]
 */
@SuppressWarnings("ArrayRecordComponent") // a plain carrier of columns; never compared
record TokenGroup(long start, int[] documents, Map<Hook, Tensor> rows) {
  /** Tokens of a group, fewer in the last: what the paper's code takes the mean of. */
  static final int SIZE = 4_096;

  int tokens() {
    return documents.length;
  }

  Tensor at(Hook hook) {
    Tensor tensor = rows.get(hook);
    if (tensor == null) {
      throw new IllegalArgumentException("no activations of " + hook + ", only " + rows.keySet());
    }
    return tensor;
  }
}
