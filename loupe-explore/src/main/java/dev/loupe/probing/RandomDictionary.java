package dev.loupe.probing;

import dev.loupe.dictionary.Contract;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.Gate;
import dev.loupe.dictionary.Weights;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.SeededRandom;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.Tensors;
import java.util.Optional;

/**
 * A floor: a dictionary of the same shape that was not trained, of random unit directions without
 * biases, of which as many fire per token as fire of the trained one on average.
 */
final class RandomDictionary {
  private RandomDictionary() {}

  /** The caller closes it; none for a dictionary of which nobody knows how many features fire. */
  static Optional<Dictionary> like(Dictionary trained, long seed) {
    Contract contract = trained.contract();
    return contract
        .expected()
        .map(expected -> {
          Weights weights = trained.weights();
          int features = Math.toIntExact(weights.features());
          int fire = Math.clamp(Math.round(expected.l0()), 1, features);
          SeededRandom random = new SeededRandom(seed, "random dictionary " + trained.name());
          SeededRandom written = new SeededRandom(seed, "random decoder " + trained.name());
          Device device = weights.encoder().device();
          int in = Math.toIntExact(weights.inputSize());
          int out = Math.toIntExact(weights.outputSize());
          return new Dictionary(
              new Weights(
                  on(device, random.directions(features, in, 1)),
                  Tensors.zeros(DType.F32, device, features),
                  on(device, written.directions(features, out, 1)),
                  Tensors.zeros(DType.F32, device, out)),
              contract.withGate(new Gate.TopK(fire)));
        });
  }

  private static Tensor on(Device device, Tensor rows) {
    if (device.isCpu()) {
      return rows;
    }
    try (rows) {
      return rows.to(device);
    }
  }
}
