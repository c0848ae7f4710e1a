package dev.loupe.train;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.loupe.dictionary.Encoder;
import dev.loupe.dictionary.ReconstructionLoss;
import dev.loupe.dictionary.Scale;
import dev.loupe.dictionary.Screening;
import dev.loupe.dictionary.Weights;
import dev.loupe.kernel.AdamFactors;
import dev.loupe.kernel.CodeRows;
import dev.loupe.kernel.Kernels;
import dev.loupe.kernel.Range;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Team;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The step on SIMD kernels, for the CPU: everything after the screening product touches only the
 * features that fired. The equations are those of {@link TorchStep}, which takes over while more
 * features fire than that pays for.
 *
 * <p>No gradient of the weights is stored: one pass over the features computes its norm, for the
 * clip; the next computes each feature's two rows again and updates them at once. Tokens and
 * features are split by fixed ranges and every sum has one order, so that no result depends on the
 * number of threads.
 */
public final class SimdStep implements TrainingStep {
  /** Tokens, and features, that one piece of work has. */
  private static final int RANGE = 64;

  /**
   * Share of the features that fire per token above which dense products are faster; measured at
   * 256 x 2,048, where both take the same at 1/8 (docs/benchmarks/step.md).
   */
  static final double DENSE = 1.0 / 8;

  private static final Kernels KERNELS = Kernels.BEST;

  private final Recipe recipe;
  private final Scale scale;
  private final TrainedState state;
  private final Encoder encoder;
  private @Nullable TorchStep dense; // of the same state, while so many fire
  private final int features;
  private final int inputs;
  private final int outputs;
  private final Tensor
      rows; // room for the gradient of one feature's rows, for each range of features
  private final MemorySegment scratch;
  private final List<MemorySegment> weights; // encoder, its bias, decoder, its bias
  private final List<MemorySegment> first;
  private final List<MemorySegment> second;

  /**
   * Takes over the initial weights, which must be on the CPU.
   *
   * @param scale mean norms by which raw rows are scaled
   */
  public SimdStep(Recipe recipe, Scale scale, Screening screening, Weights initial) {
    this.recipe = recipe;
    this.scale = scale;
    this.state = new TrainedState(initial);
    this.encoder = new Encoder(initial, screening);
    this.features = Math.toIntExact(initial.features());
    this.inputs = Math.toIntExact(initial.inputSize());
    this.outputs = Math.toIntExact(initial.outputSize());
    long ranges = (features + RANGE - 1L) / RANGE;
    this.rows =
        TensorScope.release(
            Tensors.zeros(DType.F32, Device.CPU, ranges * ((long) inputs + outputs)));
    this.scratch = rows.segment();
    this.weights = segments(state.weights());
    this.first = segments(state.first());
    this.second = segments(state.second());
  }

  private static List<MemorySegment> segments(Weights four) {
    return four.all().stream().map(Tensor::segment).toList();
  }

  private MemorySegment decoder() {
    return weights.get(2);
  }

  @Override
  public Outcome update(Tensor x, Tensor y, Settings settings) {
    if (recipe.isTopK() && settings.k() > DENSE * features) {
      return updateDensely(x, y, settings);
    }
    try (TensorScope _ = TensorScope.open()) {
      Tensor input = scaled(x, scale.factorIn(inputs));
      Tensor target = x == y ? input : scaled(y, scale.factorOut(outputs));
      int n = Math.toIntExact(x.size(0));
      CodeRows code = recipe.isTopK() ? encoder.topK(input, settings.k()) : encoder.above(input, 0);
      if (code.active() > DENSE * features * n) { // the first steps of ReLU
        return updateDensely(x, y, settings);
      }
      closeDense();

      state.countTokens(n);
      Errors errors = new Errors(code, target, settings.l1() / n);
      // what is not a number passes no threshold, so the code does not show it
      double loss = Arithmetic.allFinite(input) ? errors.loss() : Double.NaN;
      Gradient gradient = new Gradient(code, errors, input);
      double norm = Math.sqrt(gradient.totalOfSquares());
      if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
        throw new NotFiniteException(
            "loss %s and gradient norm %s at step %d".formatted(loss, norm, settings.step()));
      }
      if (loss > settings.maxLoss()) {
        throw new LossSpikeException(loss, settings.maxLoss());
      }
      double clip = recipe.clipGradientNorm();
      gradient.update(
          AdamFactors.of(
              recipe.beta1(),
              recipe.beta2(),
              recipe.epsilon(),
              Math.min(1, clip / (norm + 1e-6)), // torch's clip_grad_norm_ rule
              settings.learningRate(),
              settings.step()));
      noteFired(gradient.byFeature);
      ExplainedVariance explained =
          settings.measure()
              ? ExplainedVariance.of(errors.rows, target)
              : ExplainedVariance.NOT_MEASURED;
      return new Outcome(
          loss,
          norm,
          norm > clip,
          (double) code.active() / n,
          explained.plain(),
          explained.legacy());
    }
  }

  private Outcome updateDensely(Tensor x, Tensor y, Settings settings) {
    if (dense == null) {
      dense = new TorchStep(recipe, scale, state);
    }
    Outcome outcome = dense.update(x, y, settings);
    Team.forEach(Range.split(features, RANGE), range -> encoder.refresh(range.from(), range.to()));
    return outcome;
  }

  private void closeDense() {
    if (dense != null) {
      dense.closeGradients();
      dense = null;
    }
  }

  private static Tensor scaled(Tensor rows, double factor) {
    return Arithmetic.multiply(rows.to(DType.F32), factor).contiguous();
  }

  private void noteFired(CodeRows.ByFeature fired) {
    MemorySegment last = state.lastFired().segment();
    for (int f = 0; f < features; f++) {
      if (fired.starts()[f + 1] > fired.starts()[f]) {
        last.setAtIndex(JAVA_LONG, f, state.tokensSeen());
      }
    }
  }

  @Override
  public Weights weights() {
    return state.weights();
  }

  @Override
  public long silentFor(long tokens) {
    return state.silentFor(tokens);
  }

  @Override
  public SequencedMap<String, Tensor> state() {
    return state.tensors();
  }

  @Override
  public void restore(Function<String, Tensor> source, long tokens) {
    state.restore(source, tokens);
    Team.forEach(Range.split(features, RANGE), range -> encoder.refresh(range.from(), range.to()));
  }

  @Override
  public void endUpdates() {
    closeDense();
    rows.close();
    encoder.close();
    state.endUpdates();
  }

  @Override
  public void close() {
    closeDense();
    rows.close();
    encoder.close();
    state.close();
  }

  /** Reconstruction errors, and the gradient of the loss by each activation. */
  private final class Errors {
    private final Tensor rows; // ŷ − y, [n, D out]
    private final MemorySegment segment;
    private final float[] factors; // of a token's error in ∂loss/∂ŷ: 2 / (scale · n · D)
    private final double[] squares; // ‖ŷ − y‖² / scale of each token
    private final float[] byActivation; // ∂loss/∂f, in the order of the code
    private final double penalty; // λ / n
    private final double penalties; // what is added to the loss
    private final CodeRows code;

    Errors(CodeRows code, Tensor target, double penalty) {
      int n = code.tokens();
      this.code = code;
      this.penalty = penalty;
      Tensor bias = weights().decoderBias().expand(n, outputs);
      rows = Arithmetic.subtract(bias, target).contiguous();
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
              factors[t] = (float) (2.0 / scales[t] / n / outputs);
              differentiate(t);
            }
          });
      penalties = penalty == 0 ? 0 : penalty * sumOfNorms();
    }

    private long at(int token) {
      return (long) token * outputs;
    }

    private void reconstruct(int t) {
      int from = code.starts()[t];
      int to = code.starts()[t + 1];
      KERNELS.addRows(segment, at(t), decoder(), code.features(), code.values(), from, to, outputs);
    }

    private void differentiate(int t) {
      int from = code.starts()[t];
      int to = code.starts()[t + 1];
      KERNELS.dots(segment, at(t), decoder(), code.features(), from, to, outputs, byActivation);
      for (int i = from; i < to; i++) {
        byActivation[i] *= factors[t];
        if (penalty != 0) {
          byActivation[i] += (float) (penalty * encoder.norms()[code.features()[i]]);
        }
      }
    }

    private double sumOfNorms() {
      double sum = 0;
      for (int i = 0; i < code.active(); i++) {
        sum += (double) code.values()[i] * encoder.norms()[code.features()[i]];
      }
      return sum;
    }

    double loss() {
      double sum = 0;
      for (double square : squares) {
        sum += square;
      }
      return sum / squares.length / outputs + penalties;
    }
  }

  /** The gradient of the weights, by features; only that of the biases is kept. */
  private final class Gradient {
    private final CodeRows.ByFeature byFeature;
    private final Errors errors;
    private final MemorySegment input;
    private final float[] byActivation; // ∂loss/∂f, by feature
    private final float[] decoderScales; // of the errors in ∂W_dec: f · factor
    private final Tensor encoderBias = Tensors.zeros(DType.F32, Device.CPU, features);
    private final MemorySegment encoderBiasSegment = encoderBias.segment();
    private final Tensor decoderBias = Tensors.zeros(DType.F32, Device.CPU, outputs);
    private final double totalOfSquares;

    Gradient(CodeRows code, Errors errors, Tensor input) {
      this.byFeature = code.byFeature(features);
      this.errors = errors;
      this.input = input.segment();
      this.byActivation = byFeature.ordered(errors.byActivation);
      this.decoderScales = byFeature.ordered(code.values());
      for (int i = 0; i < decoderScales.length; i++) {
        decoderScales[i] *= errors.factors[byFeature.tokens()[i]];
      }
      addDecoderBias();
      totalOfSquares =
          Team.map(Range.split(features, RANGE), this::squares).stream()
                  .mapToDouble(Double::doubleValue)
                  .sum()
              + square(decoderBias.segment(), outputs);
    }

    private void addDecoderBias() {
      int n = errors.factors.length;
      int[] tokens = IntStream.range(0, n).toArray();
      KERNELS.addRows(
          decoderBias.segment(), 0, errors.segment, tokens, errors.factors, 0, n, outputs);
    }

    double totalOfSquares() {
      return totalOfSquares;
    }

    /** Σ over a range of features of the squares of their gradient. */
    private double squares(Range range) {
      Rows rows = new Rows(range);
      double sum = 0;
      for (int f = range.from(); f < range.to(); f++) {
        if (rows.compute(f)) {
          float bias = 0;
          for (int i = byFeature.starts()[f]; i < byFeature.starts()[f + 1]; i++) {
            bias += byActivation[i];
          }
          encoderBiasSegment.setAtIndex(JAVA_FLOAT, f, bias);
          sum += square(rows.encoder, inputs) + square(rows.decoder, outputs);
          sum += (double) bias * bias;
        }
      }
      return sum;
    }

    private static double square(MemorySegment row, int n) {
      return KERNELS.dot(row, 0, row, 0, n);
    }

    void update(AdamFactors factors) {
      Team.forEach(
          Range.split(features, RANGE),
          range -> {
            Rows rows = new Rows(range);
            for (int f = range.from(); f < range.to(); f++) {
              rows.compute(f);
              adam(0, (long) f * inputs, rows.encoder, 0, inputs, factors);
              adam(2, (long) f * outputs, rows.decoder, 0, outputs, factors);
            }
            adam(1, range.from(), encoderBiasSegment, range.from(), range.size(), factors);
            encoder.refresh(range.from(), range.to());
          });
      adam(3, 0, decoderBias.segment(), 0, outputs, factors);
    }

    private void adam(
        int which, long at, MemorySegment gradient, long from, int n, AdamFactors factors) {
      KERNELS.adam(
          weights.get(which), first.get(which), second.get(which), at, gradient, from, n, factors);
    }

    /** Room for the gradient of one feature's rows, of one range. */
    private final class Rows {
      private final MemorySegment encoder;
      private final MemorySegment decoder;

      Rows(Range range) {
        long at = range.from() / RANGE * ((long) inputs + outputs);
        encoder = scratch.asSlice(at * Float.BYTES, (long) inputs * Float.BYTES);
        decoder = scratch.asSlice((at + inputs) * Float.BYTES, (long) outputs * Float.BYTES);
      }

      /** Whether the gradient is other than zero. */
      boolean compute(int f) {
        encoder.fill((byte) 0);
        decoder.fill((byte) 0);
        int from = byFeature.starts()[f];
        int to = byFeature.starts()[f + 1];
        int[] tokens = byFeature.tokens();
        KERNELS.addRows(encoder, 0, input, tokens, byActivation, from, to, inputs);
        KERNELS.addRows(decoder, 0, errors.segment, tokens, decoderScales, from, to, outputs);
        if (errors.penalty != 0) {
          pull(f, from, to);
        }
        return to > from;
      }

      /** The penalty's gradient through the decoder's norm: λ/n · Σ f · column / norm. */
      private void pull(int f, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
          sum += errors.code.values()[byFeature.places()[i]];
        }
        float norm = (float) Math.max(SimdStep.this.encoder.norms()[f], 1e-12);
        float[] factor = {(float) (errors.penalty * sum / norm)};
        KERNELS.addRows(decoder, 0, SimdStep.this.decoder(), new int[] {f}, factor, 0, 1, outputs);
      }
    }
  }
}
