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

/**
 * The step on SIMD kernels, for the CPU: everything after the screening product touches only the
 * features that fired. The equations are those of {@link TorchStep}.
 *
 * <p>No gradient of the weights is stored: one pass over the features computes its norm, for the
 * clip; the next computes each feature's two rows again and updates them at once. Tokens and
 * features are split by fixed ranges and every sum has one order, so that no result depends on the
 * number of threads.
 */
public final class SimdStep implements TrainingStep {
  /** Tokens, and features, that one piece of work has. */
  private static final int RANGE = 64;

  private static final Kernels KERNELS = Kernels.BEST;

  private final Recipe recipe;
  private final Scale scale;
  private final TrainedState state;
  private final Encoder encoder;
  private final int features;
  private final int inputs;
  private final int outputs;
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
    try (TensorScope _ = TensorScope.open()) {
      Tensor input = scaled(x, scale.factorIn(inputs));
      Tensor target = x == y ? input : scaled(y, scale.factorOut(outputs));
      int n = Math.toIntExact(x.size(0));
      state.countTokens(n);
      CodeRows code = recipe.isTopK() ? encoder.topK(input, settings.k()) : encoder.above(input, 0);

      Errors errors = new Errors(code, target, settings.l1() / n);
      double loss = errors.loss();
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
  public void close() {
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
      try (TensorScope _ = TensorScope.open()) {
        Rows rows = new Rows();
        MemorySegment biases = encoderBias.segment();
        double sum = 0;
        for (int f = range.from(); f < range.to(); f++) {
          if (rows.compute(f)) {
            float bias = 0;
            for (int i = byFeature.starts()[f]; i < byFeature.starts()[f + 1]; i++) {
              bias += byActivation[i];
            }
            biases.setAtIndex(JAVA_FLOAT, f, bias);
            sum += square(rows.encoder, inputs) + square(rows.decoder, outputs);
            sum += (double) bias * bias;
          }
        }
        return sum;
      }
    }

    private static double square(MemorySegment row, int n) {
      return KERNELS.dot(row, 0, row, 0, n);
    }

    void update(AdamFactors factors) {
      Team.forEach(
          Range.split(features, RANGE),
          range -> {
            try (TensorScope _ = TensorScope.open()) {
              Rows rows = new Rows();
              for (int f = range.from(); f < range.to(); f++) {
                rows.compute(f);
                adam(0, (long) f * inputs, rows.encoder, 0, inputs, factors);
                adam(2, (long) f * outputs, rows.decoder, 0, outputs, factors);
              }
            }
            int count = range.size();
            adam(1, range.from(), encoderBias.segment(), range.from(), count, factors);
            encoder.refresh(range.from(), range.to());
          });
      adam(3, 0, decoderBias.segment(), 0, outputs, factors);
    }

    private void adam(
        int which, long at, MemorySegment gradient, long from, int n, AdamFactors factors) {
      KERNELS.adam(
          weights.get(which), first.get(which), second.get(which), at, gradient, from, n, factors);
    }

    /** Room for the gradient of one feature's rows, of this thread. */
    private final class Rows {
      private final Tensor encoderRow = Tensors.zeros(DType.F32, Device.CPU, inputs);
      private final Tensor decoderRow = Tensors.zeros(DType.F32, Device.CPU, outputs);
      private final MemorySegment encoder = encoderRow.segment();
      private final MemorySegment decoder = decoderRow.segment();

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
