package dev.loupe.train;

import dev.loupe.dictionary.ReconstructionLoss;
import dev.loupe.dictionary.Scale;
import dev.loupe.dictionary.TiledEncoder;
import dev.loupe.dictionary.Weights;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Indexing;
import dev.loupe.tensor.Products;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.util.SequencedMap;
import java.util.function.Function;

/**
 * The step on libtorch operations: any device, the readable truth. Gradients are written out by
 * hand and computed by tiles of features, so that [tokens, F] never exists; the gradients
 * themselves are kept whole, as large as the weights.
 *
 * <p>With y the normalised target, ŷ = W_dec f + b_dec, and G = ∂loss/∂ŷ = 2 (ŷ − y) / (scale · n ·
 * D): ∂b_dec = Σ G, ∂W_dec = fᵀ G, ∂f = G W_decᵀ where f &gt; 0, ∂W_enc = ∂fᵀ x, ∂b_enc = Σ ∂f.
 */
public final class TorchStep implements TrainingStep {
  private final boolean topK;
  private final Scale scale;
  private final TrainedState state;
  private final Weights weights; // the state's
  private final Weights gradients;
  private final Adam adam;
  private final double clip;

  /**
   * Takes over the initial weights.
   *
   * @param scale mean norms by which raw rows are scaled
   */
  public TorchStep(Recipe recipe, Scale scale, Weights initial) {
    this(recipe, scale, new TrainedState(initial));
  }

  /** A step on a state that another step may share. */
  TorchStep(Recipe recipe, Scale scale, TrainedState state) {
    this.topK = recipe.isTopK();
    this.scale = scale;
    this.state = state;
    this.weights = state.weights();
    this.clip = recipe.clipGradientNorm();
    this.gradients = TrainedState.zerosLike(weights);
    this.adam = new Adam(recipe.beta1(), recipe.beta2(), recipe.epsilon(), state);
  }

  @Override
  public Outcome update(Tensor x, Tensor y, Settings settings) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor input = scaled(x, scale.factorIn(weights.inputSize()));
      Tensor target = x == y ? input : scaled(y, scale.factorOut(weights.outputSize()));
      Tensor norms = Reductions.norm(weights.decoder(), 1).reshape(-1); // [features]
      Code code = topK ? new TopKCode(input, norms, settings.k()) : new ReluCode(input);
      state.countTokens(x.size(0));

      Tensor error = Arithmetic.subtract(reconstruct(code, x.size(0)), target);
      Tensor scales = ReconstructionLoss.scales(target);
      Penalty penalty = new Penalty(settings.l1() / x.size(0), norms);
      double loss = ReconstructionLoss.value(error, scales);
      Tensor g = Arithmetic.divide(error, Arithmetic.multiply(scales, error.elements() / 2.0));
      long active = gradients(code, input, g, penalty);
      loss += penalty.value;

      double norm =
          Math.sqrt(gradients.all().stream().mapToDouble(Reductions::totalOfSquares).sum());
      if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
        throw new NotFiniteException(
            "loss %s and gradient norm %s at step %d".formatted(loss, norm, settings.step()));
      }
      if (loss > settings.maxLoss()) {
        throw new LossSpikeException(loss, settings.maxLoss());
      }
      // torch's clip_grad_norm_ rule
      double factor = Math.min(1, clip / (norm + 1e-6));
      adam.update(gradients, factor, settings.learningRate(), settings.step());
      return outcome(settings, loss, norm, (double) active / x.size(0), error, target);
    }
  }

  private static Tensor scaled(Tensor rows, double factor) {
    return Arithmetic.multiply(rows, factor);
  }

  private Tensor reconstruct(Code code, long n) {
    Tensor out = weights.decoderBias().expand(n, weights.outputSize()).copy();
    forTiles(
        n,
        (start, count) ->
            Products.addProductInPlace(
                out, code.tile(start, count), weights.decoder().narrow(0, start, count)));
    return out;
  }

  /** Overwrites the gradients and gives the number of activations. */
  private long gradients(Code code, Tensor x, Tensor g, Penalty penalty) {
    gradients.decoderBias().assign(Reductions.sum(g, 0).reshape(-1));
    long[] active = {0};
    forTiles(
        g.size(0),
        (start, count) -> {
          Tensor decoder = weights.decoder().narrow(0, start, count);
          Tensor f = code.tile(start, count); // [tokens, tile]
          Tensor fires = Arithmetic.greater(f, 0);
          Tensor df = Products.multiply(g, decoder.transpose(0, 1));
          Tensor decoderGradient = gradients.decoder().narrow(0, start, count);
          Products.multiplyInto(decoderGradient, f.transpose(0, 1), g);
          penalty.add(f, decoder, start, df, decoderGradient);
          Arithmetic.multiplyInPlace(df, fires);
          Products.multiplyInto(gradients.encoder().narrow(0, start, count), df.transpose(0, 1), x);
          gradients.encoderBias().narrow(0, start, count).assign(Reductions.sum(df, 0).reshape(-1));
          active[0] += noteFired(fires, start);
        });
    return active[0];
  }

  /** Notes when features last fired, and gives the number of activations. */
  private long noteFired(Tensor fires, long start) {
    Tensor counts = Reductions.sum(fires.to(DType.F32), 0).reshape(-1); // exact below 2^24 tokens
    Indexing.fillInPlace(
        state.lastFired().narrow(0, start, counts.elements()),
        Arithmetic.greater(counts, 0),
        (double) state.tokensSeen());
    return Math.round(Reductions.total(counts));
  }

  private void forTiles(long tokens, TileAction action) {
    long size = TiledEncoder.tileSize(tokens, weights.features());
    for (long start = 0; start < weights.features(); start += size) {
      try (TensorScope _ = TensorScope.open()) {
        action.run(start, Math.min(size, weights.features() - start));
      }
    }
  }

  private Outcome outcome(
      Settings settings, double loss, double norm, double l0, Tensor error, Tensor target) {
    ExplainedVariance explained =
        settings.measure() ? ExplainedVariance.of(error, target) : ExplainedVariance.NOT_MEASURED;
    return new Outcome(loss, norm, norm > clip, l0, explained.plain(), explained.legacy());
  }

  @Override
  public Weights weights() {
    return weights;
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
  }

  @Override
  public void endUpdates() {
    gradients.close();
    state.endUpdates();
  }

  @Override
  public void close() {
    closeGradients();
    state.close();
  }

  /** Closes what the state does not hold. */
  void closeGradients() {
    gradients.close();
  }

  @FunctionalInterface
  private interface TileAction {
    void run(long start, long count);
  }

  /** The code of the batch, a tile of features at a time. */
  private sealed interface Code permits TopKCode, ReluCode {
    /** [tokens, count] with zeros where a feature does not fire; dies with the tile. */
    Tensor tile(long start, long count);
  }

  private final class TopKCode implements Code {
    private final TiledEncoder.Selection selection;

    TopKCode(Tensor x, Tensor norms, int k) {
      selection = TiledEncoder.topK(x, weights, norms, Math.min(k, weights.features()));
    }

    @Override
    public Tensor tile(long start, long count) {
      Tensor values = selection.values();
      Tensor places = Arithmetic.add(selection.indices(), -start);
      // features of other tiles go to a column that is cut off
      Tensor outside =
          Arithmetic.or(Arithmetic.greater(places, count - 1.0), Arithmetic.less(places, 0));
      Indexing.fillInPlace(places, outside, (double) count);
      Tensor wide = Tensors.zeros(DType.F32, values.device(), values.size(0), count + 1);
      return Indexing.scatterInPlace(wide, places, values).narrow(1, 0, count);
    }
  }

  private final class ReluCode implements Code {
    private final Tensor x;

    ReluCode(Tensor x) {
      this.x = x;
    }

    @Override
    public Tensor tile(long start, long count) {
      return TiledEncoder.activations(x, weights, start, count);
    }
  }

  /** λ · mean over the batch of Σ f_i ‖W_dec,i‖, with the gradient through the norm. */
  private static final class Penalty {
    private final double weight; // λ / tokens
    private final Tensor norms;
    private double value;

    Penalty(double weight, Tensor norms) {
      this.weight = weight;
      this.norms = norms;
    }

    /** Adds a tile's part to the value, to ∂f and to ∂W_dec. */
    void add(Tensor f, Tensor decoder, long start, Tensor df, Tensor decoderGradient) {
      if (weight == 0) {
        return;
      }
      Tensor n = norms.narrow(0, start, f.size(1));
      Tensor sums = Reductions.sumDouble(f, 0).reshape(-1); // Σ over the batch of f_i
      value += weight * Reductions.total(Arithmetic.multiply(sums, n));
      Arithmetic.addInPlace(df, n, weight);
      Tensor pull = Arithmetic.divide(sums.to(DType.F32), Arithmetic.clampMin(n, 1e-12));
      Arithmetic.addProductInPlace(decoderGradient, pull.reshape(-1, 1), decoder, weight);
    }
  }
}
