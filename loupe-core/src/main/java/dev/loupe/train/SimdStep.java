package dev.loupe.train;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.loupe.dictionary.Encoder;
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
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Function;
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
final class SimdStep implements TrainingStep {
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
  private final Screening screening;
  private final TrainedState state;
  private final Encoder encoder;
  private @Nullable TorchStep dense; // of the same state, while so many fire
  private final int features;
  private final int inputs;
  private final int outputs;
  private final Tensor
      rows; // room for the gradient of one feature's rows, for each range of features
  private final MemorySegment scratch;
  private float floor; // a guess at the least score of a batch's gate; speed alone depends on it
  private final List<MemorySegment> weights; // encoder, its bias, decoder, its bias
  private final List<MemorySegment> first;
  private final List<MemorySegment> second;

  /**
   * Takes over the beginning, which must be on the CPU.
   *
   * @param scale mean norms by which raw rows are scaled
   */
  SimdStep(Recipe recipe, Scale scale, Screening screening, Initial initial) {
    this.recipe = recipe;
    this.scale = scale;
    this.screening = screening;
    this.state = new TrainedState(initial);
    this.encoder = new Encoder(weights(), screening);
    this.features = Math.toIntExact(weights().features());
    this.inputs = Math.toIntExact(weights().inputSize());
    this.outputs = Math.toIntExact(weights().outputSize());
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

  @Override
  public Outcome update(Tensor x, Tensor y, Settings settings) {
    if (recipe.isTopK() && settings.k() > DENSE * features) {
      return updateDensely(x, y, settings);
    }
    try (TensorScope _ = TensorScope.open()) {
      Tensor rows = scaled(x, scale.factorIn(inputs));
      Tensor target = x == y ? rows : scaled(y, scale.factorOut(outputs));
      Tensor input = state.centred(rows);
      int n = Math.toIntExact(x.size(0));
      CodeRows code = code(input, settings);
      if (code.active() > DENSE * features * n) { // the first steps of ReLU
        return updateDensely(x, y, settings);
      }
      closeDense();

      state.countTokens(n);
      noteFired(code);
      SparseErrors errors =
          SparseErrors.of(code, weights(), encoder.norms(), target, settings.l1() / n);
      List<Part> parts = new ArrayList<>(List.of(new Part(code, errors)));
      state
          .auxiliary(recipe, settings)
          .ifPresent(silent -> parts.add(auxiliary(input, errors, silent)));
      // what is not a number passes no threshold, so the code does not show it
      double loss = Arithmetic.allFinite(input) ? loss(parts) : Double.NaN;
      Gradient gradient = new Gradient(parts, input);
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
      ExplainedVariance explained =
          settings.measure()
              ? ExplainedVariance.of(errors.rows(), target)
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

  private CodeRows code(Tensor input, Settings settings) {
    if (!recipe.isTopK()) {
      return encoder.above(input, 0);
    }
    if (!settings.acrossBatch()) {
      return encoder.topK(input, settings.k());
    }
    Encoder.Gated gated = encoder.largest(input, settings.k(), floor);
    floor = 0.8f * gated.least();
    return gated.code();
  }

  /** AuxK: what silent features make of the error; the equations are {@link TorchStep}'s. */
  private Part auxiliary(Tensor input, SparseErrors errors, Tensor silent) {
    try (Weights theirs = weights().of(silent);
        Encoder encoder = new Encoder(theirs, screening)) {
      CodeRows code = encoder.topK(input, recipe.auxK()).renamed(silent.longs());
      return new Part(code, errors.explained(code, weights(), recipe.auxCoefficient()));
    }
  }

  private static double loss(List<Part> parts) {
    return parts.stream().mapToDouble(part -> part.errors.loss()).sum();
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

  private void noteFired(CodeRows code) {
    MemorySegment last = state.lastFired().segment();
    for (int i = 0; i < code.active(); i++) {
      last.setAtIndex(JAVA_LONG, code.features()[i], state.tokensSeen());
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

  /** The gradient of the weights, by features; only that of the biases is kept. */
  private final class Gradient {
    private final List<Part> parts;
    private final MemorySegment input;
    private final Tensor encoderBias = Tensors.zeros(DType.F32, Device.CPU, features);
    private final MemorySegment encoderBiasSegment = encoderBias.segment();
    private final Tensor decoderBias = Tensors.zeros(DType.F32, Device.CPU, outputs);
    private final double totalOfSquares;

    /** Of all parts, the first of which is the reconstruction. */
    Gradient(List<Part> parts, Tensor input) {
      this.parts = parts;
      this.input = input.segment();
      parts.getFirst().errors.addDecoderBias(decoderBias.segment());
      totalOfSquares =
          Team.map(Range.split(features, RANGE), this::squares).stream()
                  .mapToDouble(Double::doubleValue)
                  .sum()
              + square(decoderBias.segment(), outputs);
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
          for (Part part : parts) {
            bias = part.addBias(bias, f);
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
        boolean any = false;
        for (Part part : parts) {
          any |= part.addRows(f, input, encoder, decoder);
        }
        return any;
      }
    }
  }

  /** A code and its errors, sorted by features: what adds to the gradient of the weights. */
  private final class Part {
    private final SparseErrors errors;
    private final CodeRows.ByFeature byFeature;
    private final float[] byActivation; // ∂loss/∂f, by feature
    private final float[] decoderScales; // of the errors in ∂W_dec: f · factor
    private final float[] values; // f, by feature

    Part(CodeRows code, SparseErrors errors) {
      this.errors = errors;
      this.byFeature = code.byFeature(features);
      this.byActivation = byFeature.ordered(errors.byActivation());
      this.values = byFeature.ordered(code.values());
      this.decoderScales = values.clone();
      for (int i = 0; i < decoderScales.length; i++) {
        decoderScales[i] *= errors.factors()[byFeature.tokens()[i]];
      }
    }

    float addBias(float bias, int f) {
      float sum = bias;
      for (int i = byFeature.starts()[f]; i < byFeature.starts()[f + 1]; i++) {
        sum += byActivation[i];
      }
      return sum;
    }

    /** Adds a feature's two rows; tells whether it fired. */
    boolean addRows(
        int f, MemorySegment input, MemorySegment encoderRow, MemorySegment decoderRow) {
      int from = byFeature.starts()[f];
      int to = byFeature.starts()[f + 1];
      int[] tokens = byFeature.tokens();
      KERNELS.addRows(encoderRow, 0, input, tokens, byActivation, from, to, inputs);
      KERNELS.addRows(decoderRow, 0, errors.segment(), tokens, decoderScales, from, to, outputs);
      if (errors.penalty() != 0) {
        pull(f, from, to, decoderRow);
      }
      return to > from;
    }

    /** The penalty's gradient through the decoder's norm: λ/n · Σ f · column / norm. */
    private void pull(int f, int from, int to, MemorySegment decoderRow) {
      double sum = 0;
      for (int i = from; i < to; i++) {
        sum += values[i];
      }
      float norm = (float) Math.max(encoder.norms()[f], 1e-12);
      float[] factor = {(float) (errors.penalty() * sum / norm)};
      KERNELS.addRows(decoderRow, 0, weights.get(2), new int[] {f}, factor, 0, 1, outputs);
    }
  }
}
