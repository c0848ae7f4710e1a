package dev.loupe.dictionary;

import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;

/**
 * Post-processing that changes nothing but the form (paper, section 3.3.3): folds the activation
 * norms into the weights, then scales decoder columns to unit norm. Exact up to float32 rounding;
 * computed in float64.
 */
final class Standardise {
  private Standardise() {}

  /**
   * W_dec ← W_dec · S_in / S_out, b_dec ← b_dec / S_out, b_enc ← b_enc / S_in; then with n_i =
   * ‖W_dec,i‖: W_dec,i ← W_dec,i / n_i, W_enc,i ← n_i W_enc,i, b_enc,i ← n_i b_enc,i. A column of
   * zeros keeps its zeros.
   */
  static Weights standardise(Weights raw, Scale scale) {
    try (TensorScope _ = TensorScope.open()) {
      double in = scale.factorIn(raw.inputSize());
      double out = scale.factorOut(raw.outputSize());
      Tensor decoder = Arithmetic.multiply(raw.decoder().to(DType.F64), in / out);
      Tensor norms = Reductions.norm(decoder, 1); // [features, 1]
      Tensor flat = norms.reshape(-1);
      return Weights.owned(
          Arithmetic.multiply(raw.encoder().to(DType.F64), norms).to(DType.F32),
          Arithmetic.multiply(Arithmetic.divide(raw.encoderBias().to(DType.F64), in), flat)
              .to(DType.F32),
          Arithmetic.divide(decoder, Arithmetic.clampMin(norms, Double.MIN_NORMAL)).to(DType.F32),
          Arithmetic.divide(raw.decoderBias().to(DType.F64), out).to(DType.F32));
    }
  }
}
