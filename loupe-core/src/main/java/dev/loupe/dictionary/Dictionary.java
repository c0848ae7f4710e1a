package dev.loupe.dictionary;

import dev.loupe.kernel.CodeRows;
import dev.loupe.kernel.Kernels;
import dev.loupe.kernel.Range;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Indexing;
import dev.loupe.tensor.Products;
import dev.loupe.tensor.Team;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A trained sparse autoencoder or transcoder, ready for use: raw activations in, codes, raw
 * activations out. Owns its weights until closed. One thread at a time.
 *
 * <p>The values of its codes are in the units of its weights: raw units where they are standardised
 * (the form that everything but conversion uses), normalised units where they are as trained.
 */
public final class Dictionary implements AutoCloseable {
  /** Tokens that one thread decodes at a time. */
  private static final int DECODED = 64;

  private final Weights weights;
  private final Contract contract;
  private final Tensor norms; // ‖decoder column‖ of the weights as they are, [F]
  private @Nullable Encoder encoder; // made by the first use on the CPU

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

  /** Codes of raw inputs, float32 [n, D in]; the caller owns them. */
  public Codes encode(Tensor rows) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = scaled(rows);
      return switch (contract.gate()) {
        case Gate.TopK(int k) ->
            isOnCpu()
                ? Codes.of(encoder().topK(x, k), features())
                : TiledEncoder.topK(x, weights, norms, k).codes(features());
        case Gate.JumpRelu(double threshold) -> above(x, threshold * factorOut());
        case Gate.Relu() -> above(x, 0);
      };
    }
  }

  private Codes above(Tensor x, double bound) {
    return isOnCpu()
        ? Codes.of(encoder().above(x, bound), features())
        : TiledEncoder.above(x, weights, norms, bound);
  }

  private boolean isOnCpu() {
    return weights.encoder().device().equals(Device.CPU);
  }

  private Encoder encoder() {
    if (encoder == null) {
      encoder = new Encoder(weights, Screening.current());
    }
    return encoder;
  }

  /** Raw reconstructions [n, D out] of codes of this dictionary; the caller owns them. */
  public Tensor decode(Codes codes) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor sums = isOnCpu() ? sums(codes.rows()) : sums(codes);
      return scope.keep(Arithmetic.multiplyInPlace(sums, 1 / factorOut()));
    }
  }

  private Tensor sums(Codes codes) {
    Tensor sums =
        Products.sumRows(weights.decoder(), codes.indices(), codes.offsets(), codes.values());
    return Arithmetic.addInPlace(sums, weights.decoderBias());
  }

  private Tensor sums(CodeRows code) {
    int d = Math.toIntExact(weights.outputSize());
    Tensor sums = weights.decoderBias().expand(code.tokens(), d).copy();
    MemorySegment out = sums.segment();
    MemorySegment decoder = weights.decoder().segment();
    Team.forEach(
        Range.split(code.tokens(), DECODED),
        range -> {
          for (int t = range.from(); t < range.to(); t++) {
            int from = code.starts()[t];
            int to = code.starts()[t + 1];
            Kernels.BEST.addRows(
                out, (long) t * d, decoder, code.features(), code.values(), from, to, d);
          }
        });
    return sums;
  }

  /** ReLU(pre) · ‖decoder column‖ in raw units, where above a bound: what calibration ranks. */
  Tensor rawScoresAbove(Tensor rows, double bound) {
    try (TensorScope scope = TensorScope.open()) {
      Codes codes = above(scaled(rows), bound * factorOut());
      Tensor norm = Indexing.rows(norms, codes.indices().to(DType.I64));
      Tensor scores = Arithmetic.multiply(codes.values(), norm);
      codes.close();
      return scope.keep(Arithmetic.multiplyInPlace(scores, 1 / factorOut()));
    }
  }

  /** Raw inputs in the encoder's own space. */
  Tensor scaled(Tensor rows) {
    if (rows.size(-1) != weights.inputSize()) {
      throw new IllegalArgumentException(
          "expected inputs of %d dimensions for %s, got %s; is it a dictionary of another model?"
              .formatted(weights.inputSize(), name(), rows.describe()));
    }
    return Arithmetic.multiply(rows, factorIn());
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
    return withContract(contract.withGate(gate));
  }

  /** The same weights (a copy) under another contract; the caller closes it. */
  Dictionary withContract(Contract other) {
    return new Dictionary(weights.rounded(DType.F32), other);
  }

  @Override
  public void close() {
    if (encoder != null) {
      encoder.close();
    }
    weights.close();
    norms.close();
  }
}
