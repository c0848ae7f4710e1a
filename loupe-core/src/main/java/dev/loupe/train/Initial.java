package dev.loupe.train;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Weights;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.SeededRandom;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;

/**
 * The weights before the first step (paper, section 3.3.2): decoder columns of random direction and
 * one norm, the encoder their transpose, biases zero; a transcoder's encoder is drawn apart.
 */
final class Initial {
  private Initial() {}

  /** The caller owns them. */
  static Weights weights(Recipe recipe, DictionaryName name, int d, long seed, Device device) {
    long features = (long) name.expansion() * d;
    double norm = recipe.initDecoderNorm().orElse(Math.sqrt(2.0 * d / features));
    try (TensorScope _ = TensorScope.open()) {
      Tensor decoder = new SeededRandom(seed, "decoder " + name).directions(features, d, norm);
      Tensor encoder =
          name.site().isTranscoder()
              ? new SeededRandom(seed, "encoder " + name)
                  .directions(features, d, recipe.initEncoderNorm())
              : decoder.copy();
      return new Weights(
          TensorScope.release(encoder.to(device)),
          TensorScope.release(Tensors.zeros(DType.F32, device, features)),
          TensorScope.release(decoder.to(device)),
          TensorScope.release(Tensors.zeros(DType.F32, device, d)));
    }
  }
}
