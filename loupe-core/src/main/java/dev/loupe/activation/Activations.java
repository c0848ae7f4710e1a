package dev.loupe.activation;

import dev.loupe.model.Hook;
import dev.loupe.tensor.Tensor;
import dev.loupe.text.TokenBatch;
import java.util.Map;

/**
 * Activations of n counted tokens at each wanted hook, with where each token stands. Owns its
 * tensors.
 *
 * @param rows for each hook float32 [n, d]
 * @param contexts for each token the number of its context in the corpus
 * @param positions for each token its position in that context
 * @param ids for each token its id
 * @param losses for each token the loss of the next one, in nats; NaN where the context ends, empty
 *     where they were not computed
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier of columns; never compared
public record Activations(
    Map<Hook, Tensor> rows, int[] contexts, int[] positions, int[] ids, float[] losses)
    implements AutoCloseable {
  static final float[] NO_LOSSES = {};

  /**
   * Of the counted tokens of a batch, in its order.
   *
   * @param rows owned by the result
   */
  static Activations of(TokenBatch batch, Map<Hook, Tensor> rows) {
    return of(batch, rows, NO_LOSSES);
  }

  static Activations of(TokenBatch batch, Map<Hook, Tensor> rows, float[] losses) {
    int[] places = Capturing.countedPlaces(batch);
    int[] contexts = new int[places.length];
    int[] positions = new int[places.length];
    int[] ids = new int[places.length];
    for (int i = 0; i < places.length; i++) {
      contexts[i] = batch.contexts()[places[i] / batch.positions()];
      positions[i] = places[i] % batch.positions();
      ids[i] = batch.ids()[places[i]];
    }
    return new Activations(rows, contexts, positions, ids, losses);
  }

  /** Number of tokens. */
  public int tokens() {
    return ids.length;
  }

  /** The rows of a hook, [n, d], borrowed. */
  public Tensor at(Hook hook) {
    Tensor tensor = rows.get(hook);
    if (tensor == null) {
      throw new IllegalArgumentException("no activations of " + hook + ", only " + rows.keySet());
    }
    return tensor;
  }

  @Override
  public void close() {
    rows.values().forEach(Tensor::close);
  }
}
