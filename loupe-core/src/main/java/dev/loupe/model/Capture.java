package dev.loupe.model;

import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A probe that keeps the activations of chosen hooks of one forward pass. Owns them until closed;
 * capturing again replaces them.
 */
public final class Capture implements Probe, AutoCloseable {
  private final Set<Hook> wanted;
  private final Map<Hook, Tensor> captured = new TreeMap<>();

  public Capture(Set<Hook> wanted) {
    this.wanted = Set.copyOf(wanted);
  }

  @Override
  public Tensor at(Hook hook, Tensor activation) {
    if (wanted.contains(hook)) {
      Tensor old = captured.put(hook, TensorScope.release(activation.share()));
      if (old != null) {
        old.close();
      }
    }
    return activation;
  }

  /** The activation of a hook, float32 [batch, positions, d], borrowed. */
  public Tensor get(Hook hook) {
    Tensor tensor = captured.get(hook);
    if (tensor == null) {
      throw new IllegalStateException(hook + " was not captured; captured " + captured.keySet());
    }
    return tensor;
  }

  /** Frees the activation of a hook before the others. */
  public void drop(Hook hook) {
    get(hook).close();
    captured.remove(hook);
  }

  @Override
  public void close() {
    captured.values().forEach(Tensor::close);
    captured.clear();
  }
}
