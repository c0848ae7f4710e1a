package dev.loupe.model;

import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys and values of the positions that the model has seen, for each layer, so that generation runs
 * only the new position. Owns its tensors until closed.
 */
final class KeyValueCache implements AutoCloseable {
  /** Remembers nothing: for a pass over whole contexts. */
  static final KeyValueCache NONE = new KeyValueCache(0);

  private final List<Past> layers = new ArrayList<>();
  private final int size;

  /** A cache for a model of so many layers. */
  KeyValueCache(int layers) {
    this.size = layers;
  }

  /** Number of positions seen. */
  int positions() {
    return layers.isEmpty() ? 0 : (int) layers.getFirst().keys().size(2);
  }

  /** Appends a layer's new keys and values, [batch, heads, new, head], and gives all. */
  Past extend(int layer, Tensor keys, Tensor values) {
    if (size == 0) {
      return new Past(keys, values);
    }
    if (layer == layers.size()) {
      layers.add(Past.owned(keys.copy(), values.copy()));
    } else {
      Past old = layers.get(layer);
      Tensor allKeys = Tensors.concat(List.of(old.keys(), keys), 2);
      Tensor allValues = Tensors.concat(List.of(old.values(), values), 2);
      layers.set(layer, Past.owned(allKeys, allValues));
      old.close();
    }
    return layers.get(layer);
  }

  @Override
  public void close() {
    layers.forEach(Past::close);
    layers.clear();
  }

  record Past(Tensor keys, Tensor values) {
    /** Out of the scopes only when both are there. */
    static Past owned(Tensor keys, Tensor values) {
      return new Past(TensorScope.release(keys), TensorScope.release(values));
    }

    void close() {
      keys.close();
      values.close();
    }
  }
}
