package dev.loupe.evaluate;

import dev.loupe.model.Hook;
import dev.loupe.tensor.Tensor;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the rates of a report are made of, for a group of tokens. Owns the tensors.
 *
 * @param sums by document
 * @param targets for each output hook Σx of each of these documents, float64 [documents, d]
 */
record GroupSums(DocumentSums sums, Map<Hook, Tensor> targets) implements AutoCloseable {
  static final String TOKENS = "tokens";

  /** Tokens of groups that have a variance of their own. */
  static final String LEGACY_TOKENS = "legacy_tokens";

  /** Of a group of which each token's document is known, with nothing but the tokens counted. */
  static GroupSums of(int[] documents) {
    GroupSums group = new GroupSums(DocumentSums.of(documents), new TreeMap<>());
    double[] tokens = group.sums.column(TOKENS);
    double[] legacy = group.sums.column(LEGACY_TOKENS);
    for (int row : group.sums.rows(documents)) {
      tokens[row]++;
      legacy[row] += documents.length > 1 ? 1 : 0; // one token is its own mean
    }
    return group;
  }

  @Override
  public void close() {
    targets.values().forEach(Tensor::close);
  }
}
