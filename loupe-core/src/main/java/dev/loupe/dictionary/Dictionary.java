package dev.loupe.dictionary;

import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Products;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;

/**
 * A trained sparse autoencoder or transcoder, ready for use: raw activations in, codes, raw
 * activations out. Owns its weights until closed. One thread at a time.
 *
 * <p>The values of its codes are in the units of its weights: raw units where they are standardised
 * (the form that everything but conversion uses), normalised units where they are as trained.
 */
public final class Dictionary implements AutoCloseable {
  private final Weights weights;
  private final Contract contract;
  private final Tensor norms; // ‖decoder column‖ of the weights as they are, [F]

  /** Takes over the weights. */
  public Dictionary(Weights weights, Contract contract) {
    this.weights = weights;
    this.contract = contract;
    this.norms = TensorScope.release(weights.decoderNorms());
    if (contract.gate() instanceof Gate.TopK(int k) && k > weights.features()) {
      close();
      throw new IllegalArgumentException(
          "expected K of at most " + weights.features() + " features, got " + k);
    }
  }

  public Weights weights() {
    return weights;
  }

  public Contract contract() {
    return contract;
  }

  public DictionaryName name() {
    return contract.name();
  }

  /** ‖decoder column‖ of each feature, as the gate uses it, [F]; borrowed. */
  Tensor norms() {
    return norms;
  }

  public long features() {
    return weights.features();
  }

  private double factorIn() {
    return contract.scale().factorIn(weights.inputSize());
  }

  private double factorOut() {
    return contract.scale().factorOut(weights.outputSize());
  }

  /** Codes of raw inputs [n, D in]; the caller owns them. */
  public Codes encode(Tensor rows) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = scaled(rows);
      return switch (contract.gate()) {
        case Gate.TopK(int k) -> TiledEncoder.topK(x, weights, norms, k).codes(features());
        case Gate.JumpRelu(double threshold) ->
            TiledEncoder.above(x, weights, norms, threshold * factorOut());
        case Gate.Relu() -> TiledEncoder.above(x, weights, norms, 0);
      };
    }
  }

  /** Raw reconstructions [n, D out] of codes of this dictionary; the caller owns them. */
  public Tensor decode(Codes codes) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor sums =
          Products.sumRows(weights.decoder(), codes.indices(), codes.offsets(), codes.values());
      Arithmetic.addInPlace(sums, weights.decoderBias());
      return scope.keep(Arithmetic.multiplyInPlace(sums, 1 / factorOut()));
    }
  }

  /** ReLU(pre) · ‖decoder column‖ in raw units of a tile of features: what calibration ranks. */
  Tensor rawScores(Tensor rows, long start, long count) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor z = TiledEncoder.activations(scaled(rows), weights, start, count);
      Arithmetic.multiplyInPlace(z, norms.narrow(0, start, count));
      return scope.keep(Arithmetic.multiplyInPlace(z, 1 / factorOut()));
    }
  }

  private Tensor scaled(Tensor rows) {
    if (rows.size(-1) != weights.inputSize()) {
      throw new IllegalArgumentException(
          "expected inputs of %d dimensions for %s, got %s; is it a dictionary of another model?"
              .formatted(weights.inputSize(), name(), rows.describe()));
    }
    return Arithmetic.multiply(rows.to(DType.F32), factorIn());
  }

  /** The same function with the norms folded in and unit decoder columns; the caller closes it. */
  public Dictionary standardised() {
    return new Dictionary(
        Standardise.standardise(weights, contract.scale()),
        contract.withScale(
            Contract.Form.STANDARDISED, Scale.standard(weights.inputSize(), weights.outputSize())));
  }

  /** The same weights (a copy) with another gate; the caller closes it. */
  public Dictionary withGate(Gate gate) {
    return new Dictionary(weights.rounded(DType.F32), contract.withGate(gate));
  }

  @Override
  public void close() {
    weights.close();
    norms.close();
  }
}
