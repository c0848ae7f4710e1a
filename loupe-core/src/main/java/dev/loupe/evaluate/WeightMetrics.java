package dev.loupe.evaluate;

import dev.loupe.dictionary.Weights;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.TensorScope;
import java.util.OptionalDouble;

/**
 * What a report says of the weights as trained: plain numbers, so that these weights need not stay
 * in memory while the standardised ones are evaluated.
 *
 * @param decoderNormMean mean norm of the decoder columns
 * @param encoderDecoderCosine mean cosine of each encoder row with its decoder column; empty where
 *     their widths differ
 */
public record WeightMetrics(double decoderNormMean, OptionalDouble encoderDecoderCosine) {

  /** Measures weights, which are borrowed. */
  public static WeightMetrics of(Weights raw) {
    try (TensorScope _ = TensorScope.open()) {
      double norm = Reductions.total(raw.decoderNorms()) / raw.features();
      boolean comparable = raw.inputSize() == raw.outputSize();
      return new WeightMetrics(
          norm,
          comparable ? OptionalDouble.of(raw.encoderDecoderCosine()) : OptionalDouble.empty());
    }
  }
}
