package dev.loupe.evaluate;

import dev.loupe.dictionary.Contract;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Gate;
import dev.loupe.dictionary.Scale;
import dev.loupe.dictionary.Site;
import dev.loupe.dictionary.Weights;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.SeededRandom;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.util.List;
import java.util.Optional;

/** Dictionaries whose results can be told by hand. All are the caller's. */
final class HandMade {
  private HandMade() {}

  /** x = ReLU(x) − ReLU(−x): gives exactly what it reads. */
  static Dictionary identity(int layer, Site site, int d) {
    float[] rows = new float[2 * d * d];
    for (int i = 0; i < d; i++) {
      rows[i * d + i] = 1;
      rows[(d + i) * d + i] = -1;
    }
    Tensor weight = owned(Tensors.of(rows, 2L * d, d));
    return dictionary(layer, site, d, weight, owned(weight.copy()), new Gate.Relu());
  }

  /** Seeded directions for both sides: reconstructs badly, but always the same. */
  static Dictionary random(int layer, Site site, int d, int features, long seed) {
    SeededRandom random = new SeededRandom(seed, "weights");
    return dictionary(
        layer,
        site,
        d,
        owned(random.directions(features, d, 1)),
        owned(new SeededRandom(seed + 1, "weights").directions(features, d, 1)),
        new Gate.JumpRelu(0.05));
  }

  static Dictionary dictionary(
      int layer, Site site, int d, Tensor encoder, Tensor decoder, Gate gate) {
    long features = encoder.size(0);
    Weights weights =
        new Weights(
            encoder,
            owned(Tensors.zeros(DType.F32, Device.CPU, features)),
            decoder,
            owned(Tensors.zeros(DType.F32, Device.CPU, d)));
    int expansion = (int) Math.max(1, features / d);
    return new Dictionary(
        weights, contract(DictionaryName.of(layer, site, expansion), gate, Math.sqrt(d)));
  }

  private static Contract contract(DictionaryName name, Gate gate, double norm) {
    return new Contract(
        Contract.FORMAT,
        name,
        List.of(name.site().hookIn(name.layer())),
        List.of(name.site().hookOut(name.layer())),
        Contract.Form.STANDARDISED,
        new Scale(norm, norm),
        new Scale(norm, norm),
        gate,
        true,
        "float32",
        new Contract.TokenPolicy(true, List.of(), Optional.empty()),
        "",
        "",
        "",
        Optional.empty());
  }

  static Tensor owned(Tensor tensor) {
    return TensorScope.release(tensor);
  }
}
