package dev.loupe.activation;

import dev.loupe.model.Capture;
import dev.loupe.model.Hook;
import dev.loupe.model.Llama;
import dev.loupe.tensor.Indexing;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import dev.loupe.text.TokenBatch;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** One pass of the language model over a batch, stopping after the last layer that is needed. */
public final class Capturing {
  private Capturing() {}

  /** Activations of the counted tokens of a batch, in its order; the caller owns them. */
  public static Activations activations(Llama model, TokenBatch batch, Set<Hook> hooks) {
    try (TensorScope _ = TensorScope.open();
        Capture capture = new Capture(hooks)) {
      Tensor ids = ids(batch);
      model.forward(ids, Llama.layersFor(hooks), capture);
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
      return Activations.of(batch, rows);
    }
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
