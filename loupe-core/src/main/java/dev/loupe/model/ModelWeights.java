package dev.loupe.model;

import dev.loupe.files.FileFormatException;
import dev.loupe.safetensors.TensorEntry;
import dev.loupe.safetensors.TensorSource;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The tensors of a model, taken one by one from its files. Owns them until closed. */
final class ModelWeights implements AutoCloseable {
  private final TensorSource source;
  private final DType dtype; // of all but the gains
  private final Device device;
  private final Map<String, Tensor> taken = new LinkedHashMap<>();

  /** Borrows the source, which must stay open while weights are taken. */
  ModelWeights(TensorSource source, DType dtype, Device device) {
    this.source = source;
    this.dtype = dtype;
    this.device = device;
  }

  /** The weights of a product, [outputs, inputs], in the model's type. */
  Tensor matrix(String name, long outputs, long inputs) {
    return take(name, dtype, outputs, inputs);
  }

  /** The gain of a norm, [d], always float32. */
  Tensor gain(String name, long d) {
    return take(name, DType.F32, d);
  }

  private Tensor take(String name, DType type, long... shape) {
    TensorEntry entry = source.entry(name);
    if (!entry.dtype().isFloating()) {
      throw new FileFormatException(
          entry.file(),
          "expected floating-point weights, got " + name + " " + entry.describe(),
          "quantised models are not supported");
    }
    try (TensorScope _ = TensorScope.open()) {
      Tensor tensor = TensorScope.release(source.read(name, shape).to(type).to(device));
      taken.put(name, tensor);
      if (!Arithmetic.allFinite(tensor)) {
        throw new FileFormatException(
            entry.file(), "expected numbers in " + name + ", got NaN or an infinity among them");
      }
      return tensor;
    }
  }

  /** A tensor that nobody takes, such as a bias, means another model than the one computed. */
  void refuseUnused(boolean tied) {
    Set<String> unused = new TreeSet<>(source.names());
    unused.removeAll(taken.keySet());
    unused.removeIf(name -> name.endsWith("rotary_emb.inv_freq"));
    if (tied) {
      unused.remove("lm_head.weight");
    }
    if (!unused.isEmpty()) {
      throw new FileFormatException(
          source.path(),
          "tensor "
              + unused.iterator().next()
              + " (of "
              + unused.size()
              + ") has no place in a Llama model without biases: Loupe would compute something else"
              + " than the model does");
    }
  }

  @Override
  public void close() {
    taken.values().forEach(Tensor::close);
  }
}
