package dev.loupe.activation;

import dev.loupe.model.Capture;
import dev.loupe.model.Hook;
import dev.loupe.model.Llama;
import dev.loupe.model.NextToken;
import dev.loupe.tensor.Indexing;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import dev.loupe.text.TokenBatch;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** One pass of the language model over a batch. */
public final class Capturing {
  private Capturing() {}

  /**
   * Activations of the counted tokens of a batch, in its order; the caller owns them. The model
   * runs as far as the last layer that is needed.
   */
  public static Activations activations(Llama model, TokenBatch batch, Set<Hook> hooks) {
    return run(model, batch, hooks, false);
  }

  /** As {@link #activations}, with the losses of the next tokens, for which all layers run. */
  public static Activations withLosses(Llama model, TokenBatch batch, Set<Hook> hooks) {
    return run(model, batch, hooks, true);
  }

  private static Activations run(
      Llama model, TokenBatch batch, Set<Hook> hooks, boolean withLosses) {
    try (TensorScope _ = TensorScope.open();
        Capture capture = new Capture(hooks)) {
      Tensor ids = ids(batch);
      int layers = withLosses ? model.config().layers() : Llama.layersFor(hooks);
      Tensor last = model.forward(ids, layers, capture);
      int[] places = countedPlaces(batch);
      Tensor index = Tensors.of(places, places.length).to(model.device());
      Map<Hook, Tensor> rows = new TreeMap<>();
      for (Hook hook : hooks) {
        try (TensorScope _ = TensorScope.open()) {
          Tensor all = capture.get(hook);
          Tensor flat = all.reshape(-1, all.size(-1));
          rows.put(hook, TensorScope.release(Indexing.rows(flat, index)));
        }
        capture.drop(hook); // all hooks twice would be the largest memory of a pass
      }
      return withLosses
          ? Activations.of(batch, rows, losses(model, batch, last, ids, places))
          : Activations.of(batch, rows);
    }
  }

  /** −log p of the id after each place, NaN at the last of a context. */
  private static float[] losses(
      Llama model, TokenBatch batch, Tensor last, Tensor ids, int[] places) {
    float[] all = NextToken.losses(model, last, ids).floats();
    float[] losses = new float[places.length];
    for (int i = 0; i < places.length; i++) {
      int row = places[i] / batch.positions();
      int position = places[i] % batch.positions();
      boolean hasNext = position + 1 < batch.lengths()[row];
      losses[i] = hasNext ? all[row * (batch.positions() - 1) + position] : Float.NaN;
    }
    return losses;
  }

  /** Ids as the model takes them, I64 [documents, positions]. */
  public static Tensor ids(TokenBatch batch) {
    long[] wide = new long[batch.ids().length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = batch.ids()[i];
    }
    return Tensors.of(wide, batch.documents(), batch.positions());
  }

  /** Places of the counted tokens in the batch read row by row. */
  public static int[] countedPlaces(TokenBatch batch) {
    boolean[] counted = batch.counted();
    int[] places = new int[batch.countedTokens()];
    int n = 0;
    for (int i = 0; i < counted.length; i++) {
      if (counted[i]) {
        places[n++] = i;
      }
    }
    return places;
  }
}
