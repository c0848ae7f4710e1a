package dev.loupe.train;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Weights;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Products;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.SeededRandom;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.util.Optional;

/**
 * What a dictionary begins with (paper, section 3.3.2): decoder columns of random direction and one
 * norm, the encoder their transpose, biases zero; a transcoder's encoder is drawn apart. The recipe
 * may ask for directions in which activations vary, and for inputs less their mean.
 *
 * @param weights in the normalised space, for centred inputs where they are
 * @param centre what is taken from each normalised input, F32 [D in]; absent for nothing
 */
record Initial(Weights weights, Optional<Tensor> centre) {
  /** Of the variance, what the components hold that directions of the subspace are made of. */
  private static final double ACTIVE = 0.95;

  /** Weights as they are, and inputs as they come. */
  static Initial of(Weights weights) {
    return new Initial(weights, Optional.empty());
  }

  /** Without activations: for a recipe that needs none, or for a step that is then restored. */
  static Initial draw(Recipe recipe, DictionaryName name, int d, long seed, Device device) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor none = Tensors.zeros(DType.F32, device, 1, d);
      return draw(recipe, name, none, none, InitialDirections.ANY, seed);
    }
  }

  /**
   * The caller owns the tensors. Variants of a sweep begin alike, unless their seeds differ.
   *
   * @param x first inputs, normalised, [n, D], borrowed
   * @param y their targets, normalised, [n, D], borrowed
   */
  static Initial draw(Recipe recipe, DictionaryName name, Tensor x, Tensor y, long seed) {
    return draw(recipe, name, x, y, recipe.initDirections(), seed);
  }

  private static Initial draw(
      Recipe recipe,
      DictionaryName name,
      Tensor x,
      Tensor y,
      InitialDirections directions,
      long seed) {
    long d = x.size(1);
    long features = name.expansion() * d;
    Device device = x.device();
    DictionaryName drawn = DictionaryName.of(name.layer(), name.site(), name.expansion());
    double norm = recipe.initDecoderNorm().orElse(Math.sqrt(2.0 * d / features));
    try (TensorScope _ = TensorScope.open()) {
      Tensor decoder =
          along(y, directions, new SeededRandom(seed, "decoder " + drawn), features, norm);
      Tensor encoder =
          name.site().isTranscoder()
              ? along(
                  x,
                  directions,
                  new SeededRandom(seed, "encoder " + drawn),
                  features,
                  recipe.initEncoderNorm())
              : decoder.copy();
      Tensor bias = recipe.centreInputs() ? mean(y) : Tensors.zeros(DType.F32, device, d);
      Optional<Tensor> centre =
          recipe.centreInputs() ? Optional.of(TensorScope.release(mean(x))) : Optional.empty();
      return new Initial(
          new Weights(
              TensorScope.release(encoder.to(device)),
              TensorScope.release(Tensors.zeros(DType.F32, device, features)),
              TensorScope.release(decoder.to(device)),
              TensorScope.release(bias)),
          centre);
    }
  }

  private static Tensor mean(Tensor rows) {
    return Arithmetic.divide(Reductions.sumDouble(rows, 0), (double) rows.size(0))
        .reshape(-1)
        .to(DType.F32);
  }

  /** Random directions of a norm, [features, D], on the CPU. */
  private static Tensor along(
      Tensor rows, InitialDirections kind, SeededRandom random, long features, double norm) {
    int d = Math.toIntExact(rows.size(1));
    Tensor drawn = random.directions(features, d, norm);
    return switch (kind) {
      case ANY -> drawn;
      case SUBSPACE -> {
        Tensor held = Products.multiply(drawn, active(rows));
        Tensor lengths = Arithmetic.clampMin(Reductions.norm(held, 1), Double.MIN_NORMAL);
        yield Arithmetic.multiply(Arithmetic.divide(held, lengths), norm).to(DType.F32);
      }
    };
  }

  /** The projection on the components of most variance that together hold {@link #ACTIVE}. */
  private static Tensor active(Tensor rows) {
    Tensor x = rows.to(Device.CPU).to(DType.F64);
    Tensor centred = Arithmetic.subtract(x, Reductions.mean(x, 0));
    Tensor components = // as columns, ascending
        Products.eigenvectors(Products.multiply(centred.transpose(0, 1), centred));
    double[] sizes = Reductions.norm(Products.multiply(centred, components), 0).doubles();
    double left = ACTIVE * Reductions.totalOfSquares(centred);
    int first = sizes.length;
    while (first > 0 && left > 0) {
      first--;
      left -= sizes[first] * sizes[first];
    }
    Tensor kept = components.narrow(1, first, (long) sizes.length - first);
    return Products.multiply(kept, kept.transpose(0, 1)).to(DType.F32);
  }
}
