package dev.loupe.dictionary;

import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Indexing;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.util.List;

/**
 * The four tensors of a dictionary, feature-major, float32, on one device. Owns them.
 *
 * @param encoder W_enc, [F, D in]
 * @param encoderBias b_enc, [F]
 * @param decoder W_dec transposed: a row for each feature's column, [F, D out]
 * @param decoderBias b_dec, [D out]
 */
public record Weights(Tensor encoder, Tensor encoderBias, Tensor decoder, Tensor decoderBias)
    implements AutoCloseable {
  public Weights {
    long f = encoder.size(0);
    if (decoder.size(0) != f
        || encoderBias.elements() != f
        || decoderBias.elements() != decoder.size(1)) {
      throw new IllegalArgumentException(
          "expected encoder [F, D], encoder bias [F], decoder [F, D'], decoder bias [D'], got "
              + List.of(
                  encoder.describe(),
                  encoderBias.describe(),
                  decoder.describe(),
                  decoderBias.describe()));
    }
  }

  /** Takes the four out of the scopes they were made in. */
  static Weights owned(Tensor encoder, Tensor encoderBias, Tensor decoder, Tensor decoderBias) {
    Weights weights = new Weights(encoder, encoderBias, decoder, decoderBias);
    weights.all().forEach(TensorScope::release); // not before the shapes are known to fit
    return weights;
  }

  /**
   * Copies of the rows of some features, and a decoder bias of zero, owned by the caller.
   *
   * @param chosen I64 [n], numbers of features
   */
  public Weights of(Tensor chosen) {
    try (TensorScope _ = TensorScope.open()) {
      return owned(
          Indexing.rows(encoder, chosen),
          Indexing.rows(encoderBias, chosen),
          Indexing.rows(decoder, chosen),
          Tensors.zeros(DType.F32, decoder.device(), outputSize()));
    }
  }

  public long features() {
    return encoder.size(0);
  }

  public long inputSize() {
    return encoder.size(1);
  }

  public long outputSize() {
    return decoder.size(1);
  }

  /** The four, in the order encoder, decoder, each with its bias. */
  public List<Tensor> all() {
    return List.of(encoder, encoderBias, decoder, decoderBias);
  }

  /** A copy rounded as a file of this type would hold it, in float32. */
  public Weights rounded(DType dtype) {
    try (TensorScope _ = TensorScope.open()) {
      List<Tensor> copies = all().stream().map(t -> t.to(dtype).to(DType.F32).copy()).toList();
      return owned(copies.get(0), copies.get(1), copies.get(2), copies.get(3));
    }
  }

  /** ‖W_dec,i‖ of each feature, [F], owned by the caller. */
  public Tensor decoderNorms() {
    try (TensorScope scope = TensorScope.open()) {
      return scope.keep(Reductions.norm(decoder.to(DType.F64), 1).reshape(-1).to(DType.F32));
    }
  }

  /** Mean cosine between each feature's encoder row and decoder column, where widths agree. */
  public double encoderDecoderCosine() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor dot = Reductions.sum(Arithmetic.multiply(encoder, decoder), 1);
      Tensor norms = Arithmetic.multiply(Reductions.norm(encoder, 1), Reductions.norm(decoder, 1));
      return Reductions.total(Arithmetic.divide(dot, Arithmetic.clampMin(norms, 1e-12)))
          / features();
    }
  }

  public boolean allFinite() {
    return all().stream().allMatch(Arithmetic::allFinite);
  }

  @Override
  public void close() {
    all().forEach(Tensor::close);
  }
}
