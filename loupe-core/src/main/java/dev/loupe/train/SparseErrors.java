package dev.loupe.train;

import dev.loupe.dictionary.ReconstructionLoss;
import dev.loupe.dictionary.Weights;
import dev.loupe.kernel.CodeRows;
import dev.loupe.kernel.Kernels;
import dev.loupe.kernel.Range;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.Team;
import dev.loupe.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.stream.IntStream;

/**
 * What a sparse code leaves of its target in {@link SimdStep}, and the gradient of the loss by each
 * activation. Its tensors are the scope's.
 */
final class SparseErrors {
  /** Tokens that one piece of work has. */
  private static final int RANGE = 64;

  private static final Kernels KERNELS = Kernels.BEST;

  private final CodeRows code;
  private final MemorySegment decoder;
  private final float[] norms;
  private final int outputs;
  private final Tensor rows; // ŷ − y, [n, D out]
  private final MemorySegment segment;
  private final float[] factors; // of a token's error in ∂loss/∂ŷ: weight · 2 / (scale · n · D)
  private final double[] squares; // ‖ŷ − y‖² / scale of each token
  private final float[] byActivation; // ∂loss/∂f, in the order of the code
  private final double weight; // of this loss
  private final double penalty; // λ / n
  private final double penalties; // what is added to the loss

  private SparseErrors(
      CodeRows code,
      Weights weights,
      float[] norms,
      Tensor start,
      Tensor target,
      double weight,
      double penalty) {
    int n = code.tokens();
    this.code = code;
    this.decoder = weights.decoder().segment();
    this.norms = norms;
    this.outputs = Math.toIntExact(weights.outputSize());
    this.weight = weight;
    this.penalty = penalty;
    rows = start;
    segment = rows.segment();
    float[] scales = ReconstructionLoss.scales(target).floats();
    factors = new float[n];
    squares = new double[n];
    byActivation = new float[code.active()];
    Team.forEach(
        Range.split(n, RANGE),
        range -> {
          for (int t = range.from(); t < range.to(); t++) {
            reconstruct(t);
            squares[t] = KERNELS.dot(segment, at(t), segment, at(t), outputs) / scales[t];
            factors[t] = (float) (weight * 2.0 / scales[t] / n / outputs);
            differentiate(t);
          }
        });
    penalties = penalty == 0 ? 0 : penalty * sumOfNorms();
  }

  /**
   * Of the reconstruction.
   *
   * @param norms of the decoder's columns
   * @param penalty λ / n
   */
  static SparseErrors of(
      CodeRows code, Weights weights, float[] norms, Tensor target, double penalty) {
    Tensor bias = weights.decoderBias().expand(code.tokens(), weights.outputSize());
    Tensor start = Arithmetic.subtract(bias, target).contiguous();
    return new SparseErrors(code, weights, norms, start, target, 1, penalty);
  }

  /** What another code leaves of these errors, which it is to explain without a bias. */
  SparseErrors explained(CodeRows other, Weights weights, double coefficient) {
    return new SparseErrors(other, weights, norms, rows.copy(), rows, coefficient, 0);
  }

  /** ŷ − y, [n, D out]. */
  Tensor rows() {
    return rows;
  }

  MemorySegment segment() {
    return segment;
  }

  float[] factors() {
    return factors;
  }

  float[] byActivation() {
    return byActivation;
  }

  double penalty() {
    return penalty;
  }

  private long at(int token) {
    return (long) token * outputs;
  }

  private void reconstruct(int t) {
    int from = code.starts()[t];
    int to = code.starts()[t + 1];
    KERNELS.addRows(segment, at(t), decoder, code.features(), code.values(), from, to, outputs);
  }

  private void differentiate(int t) {
    int from = code.starts()[t];
    int to = code.starts()[t + 1];
    KERNELS.dots(segment, at(t), decoder, code.features(), from, to, outputs, byActivation);
    for (int i = from; i < to; i++) {
      byActivation[i] *= factors[t];
      if (penalty != 0) {
        byActivation[i] += (float) (penalty * norms[code.features()[i]]);
      }
    }
  }

  private double sumOfNorms() {
    double sum = 0;
    for (int i = 0; i < code.active(); i++) {
      sum += (double) code.values()[i] * norms[code.features()[i]];
    }
    return sum;
  }

  double loss() {
    double sum = 0;
    for (double square : squares) {
      sum += square;
    }
    return weight * sum / squares.length / outputs + penalties;
  }

  /** Adds ∂loss/∂b_dec to a row. */
  void addDecoderBias(MemorySegment row) {
    int n = factors.length;
    int[] tokens = IntStream.range(0, n).toArray();
    KERNELS.addRows(row, 0, segment, tokens, factors, 0, n, outputs);
  }
}
