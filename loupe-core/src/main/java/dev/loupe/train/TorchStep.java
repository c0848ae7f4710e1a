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
import dev.loupe.train.Code.BatchCode;
import dev.loupe.train.Code.ReluCode;
import dev.loupe.train.Code.TopKCode;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;

/**
 * The step on libtorch operations: any device, the readable truth. Gradients are written out by
 * hand and computed by tiles of features, so that [tokens, F] never exists; the gradients
 * themselves are kept whole, as large as the weights.
 *
 * <p>AuxK (Gao et al. 2024, appendix A.2): the features that have fallen silent reconstruct the
 * error e = y − ŷ, taken as given, with the {@code aux_k} of largest score of each token and
 * without a bias; the loss of that, with e as its target, is added with a coefficient.
 *
 * <p>With y the normalised target, ŷ = W_dec f + b_dec, and G = ∂loss/∂ŷ = 2 (ŷ − y) / (scale · n ·
 * D): ∂b_dec = Σ G, ∂W_dec = fᵀ G, ∂f = G W_decᵀ where f &gt; 0, ∂W_enc = ∂fᵀ x, ∂b_enc = Σ ∂f.
 *
 * <p>On a {@link Grid} of ranks each has some of the features and some of the tokens: sums over
 * features (W_dec f, and which K are the best) go over the ranks of a row, sums over tokens (ȳ, the
 * gradients) over those of a column, and numbers (loss, norm) over all. Features never move.
 */
final class TorchStep implements TrainingStep {
  private final Recipe recipe;
  private final Scale scale;
  private final Grid grid;
  private final TrainedState state;
  private final Weights weights; // the state's
  private final Weights gradients;
  private final Adam adam;
  private final double clip;
  private Optional<Weights> whole = Optional.empty(); // of all columns, after the last update

  /**
   * Takes over the beginning.
   *
   * @param scale mean norms by which raw rows are scaled
   */
  TorchStep(Recipe recipe, Scale scale, Initial initial) {
    this(recipe, scale, new TrainedState(initial), Grid.alone());
  }

  /**
   * One rank's part of a step.
   *
   * @param initial of the whole dictionary, taken over
   * @param grid borrowed
   */
  TorchStep(Recipe recipe, Scale scale, Initial initial, Grid grid) {
    this(recipe, scale, new TrainedState(grid.own(initial)), grid);
  }

  /** A step on a state that another step may share. */
  TorchStep(Recipe recipe, Scale scale, TrainedState state) {
    this(recipe, scale, state, Grid.alone());
  }

  private TorchStep(Recipe recipe, Scale scale, TrainedState state, Grid grid) {
    this.recipe = recipe;
    this.scale = scale;
    this.grid = grid;
    this.state = state;
    this.weights = state.weights();
    this.clip = recipe.clipGradientNorm();
    this.gradients = TrainedState.zerosLike(weights);
    this.adam = new Adam(recipe.beta1(), recipe.beta2(), recipe.epsilon(), state);
  }

  @Override
  public Outcome update(Tensor x, Tensor y, Settings settings) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor rows = scaled(x, scale.factorIn(weights.inputSize()));
      Tensor target = x == y ? rows : scaled(y, scale.factorOut(weights.outputSize()));
      Tensor input = state.centred(rows);
      Tensor norms = Reductions.norm(weights.decoder(), 1).reshape(-1); // [features]
      long n = Math.round(grid.tokens().sum((double) x.size(0))[0]);
      Code code = code(input, norms, n, settings);
      state.countTokens(n);

      Tensor error = Arithmetic.subtract(reconstruct(weights, code, x.size(0)), target);
      Tensor mean = mean(target, n);
      Tensor scales = ReconstructionLoss.scales(target, mean);
      Penalty penalty = new Penalty(settings.l1() / n, norms);
      Tensor g = gradient(error, scales, n);
      Tensor fired = gradients(weights, gradients, code, input, g, penalty);
      long active = noteFired(grid.tokens().sumInPlace(fired));
      double auxiliary = silent(settings).map(s -> addAuxiliary(input, error, n, s)).orElse(0.0);
      gradients.all().forEach(grid.tokens()::sumInPlace);

      Totals own =
          new Totals(
              ofRow(ReconstructionLoss.sum(error, scales) / (n * error.size(1)))
                  + (penalty.value + auxiliary),
              ofColumn(squaresOfGradients()),
              ofColumn((double) active),
              settings.measure() && grid.isFirstOfRow()
                  ? ExplainedVariance.left(error, target, mean)
                  : new double[2]);
      Totals totals = own.over(grid);
      double norm = Math.sqrt(totals.squares);
      check(totals.loss, norm, settings);
      // torch's clip_grad_norm_ rule
      double factor = Math.min(1, clip / (norm + 1e-6));
      adam.update(gradients, factor, settings.learningRate(), settings.step());
      return totals.outcome(settings, norm, norm > clip, n);
    }
  }

  private static void check(double loss, double norm, Settings settings) {
    if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
      throw new NotFiniteException(
          "loss %s and gradient norm %s at step %d".formatted(loss, norm, settings.step()));
    }
    if (loss > settings.maxLoss()) {
      throw new LossSpikeException(loss, settings.maxLoss());
    }
  }

  /** What one rank adds to the sum over all of what every rank of its row knows. */
  private double ofRow(double number) {
    return grid.isFirstOfRow() ? number : 0;
  }

  /** What one rank adds to the sum over all of what every rank of its column knows. */
  private double ofColumn(double number) {
    return grid.isFirstOfColumn() ? number : 0;
  }

  /** Of this rank's features; of the decoder's bias, which all have, at the first of a row. */
  private double squaresOfGradients() {
    return gradients.all().subList(0, grid.isFirstOfRow() ? 4 : 3).stream()
        .mapToDouble(Reductions::totalOfSquares)
        .sum();
  }

  /** Mean over all of the batch's n tokens, of which these are this row's, [1, D]. */
  private Tensor mean(Tensor rows, long n) {
    if (grid.tokens().size() == 1) {
      return Reductions.mean(rows, 0);
    }
    Tensor sums = grid.tokens().sumInPlace(Reductions.sumDouble(rows, 0));
    return Arithmetic.divide(sums, (double) n).to(DType.F32);
  }

  /** This rank's silent features, perhaps none, if any rank has some. */
  private Optional<Tensor> silent(Settings settings) {
    return state
        .silent(recipe, settings)
        .filter(own -> grid.features().sum((double) own.elements())[0] > 0);
  }

  private static Tensor scaled(Tensor rows, double factor) {
    return Arithmetic.multiply(rows, factor);
  }

  /** ∂loss/∂ŷ, the loss being a mean over n tokens. */
  private static Tensor gradient(Tensor error, Tensor scales, long n) {
    return Arithmetic.divide(error, Arithmetic.multiply(scales, n * error.size(1) / 2.0));
  }

  private Code code(Tensor input, Tensor norms, long n, Settings settings) {
    if (!recipe.isTopK()) {
      return new ReluCode(weights, input);
    }
    return settings.acrossBatch()
        ? BatchCode.of(input, weights, norms, n * settings.k(), grid.all())
        : TopKCode.of(input, weights, norms, settings.k(), grid.features());
  }

  /** Adds the gradient of what silent features make of the error; gives this rank's loss of it. */
  private double addAuxiliary(Tensor input, Tensor error, long n, Tensor silent) {
    try (Weights theirs = weights.of(silent);
        Weights gradient = TrainedState.zerosLike(theirs)) {
      Tensor norms = Reductions.norm(theirs.decoder(), 1).reshape(-1);
      Code code = TopKCode.of(input, theirs, norms, recipe.auxK(), grid.features());
      Tensor left = Arithmetic.add(reconstruct(theirs, code, input.size(0)), error); // ê − e
      Tensor scales = ReconstructionLoss.scales(error, mean(error, n));
      Tensor g = Arithmetic.multiply(gradient(left, scales, n), recipe.auxCoefficient());
      var _ = gradients(theirs, gradient, code, input, g, new Penalty(0, norms));
      for (int i = 0; i < 3; i++) { // all but the decoder's bias
        Indexing.addRowsInPlace(gradients.all().get(i), silent, gradient.all().get(i));
      }
      double loss = ReconstructionLoss.sum(left, scales) / (n * left.size(1));
      return ofRow(recipe.auxCoefficient() * loss);
    }
  }

  /** W_dec f + b_dec, of the features of all columns. */
  private Tensor reconstruct(Weights weights, Code code, long n) {
    Tensor out =
        grid.isFirstOfRow()
            ? weights.decoderBias().expand(n, weights.outputSize()).copy()
            : Tensors.zeros(DType.F32, weights.decoder().device(), n, weights.outputSize());
    forTiles(
        n,
        weights,
        (start, count) ->
            Products.addProductInPlace(
                out, code.tile(start, count), weights.decoder().narrow(0, start, count)));
    return grid.features().sumInPlace(out);
  }

  /** Overwrites the gradients and gives how often each feature fired, [features]. */
  private static Tensor gradients(
      Weights weights, Weights gradients, Code code, Tensor x, Tensor g, Penalty penalty) {
    gradients.decoderBias().assign(Reductions.sum(g, 0).reshape(-1));
    Tensor fired = Tensors.zeros(DType.F32, g.device(), weights.features());
    forTiles(
        g.size(0),
        weights,
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
          Tensor counts = Reductions.sum(fires.to(DType.F32), 0); // exact below 2^24 tokens
          fired.narrow(0, start, count).assign(counts.reshape(-1));
        });
    return fired;
  }

  /** Notes when features last fired, and gives the number of activations. */
  private long noteFired(Tensor counts) {
    Indexing.fillInPlace(
        state.lastFired(), Arithmetic.greater(counts, 0), (double) state.tokensSeen());
    return Math.round(Reductions.total(counts));
  }

  private static void forTiles(long tokens, Weights weights, TileAction action) {
    long size = TiledEncoder.tileSize(tokens, weights.features());
    for (long start = 0; start < weights.features(); start += size) {
      try (TensorScope _ = TensorScope.open()) {
        action.run(start, Math.min(size, weights.features() - start));
      }
    }
  }

  @Override
  public Weights weights() {
    return whole.orElse(weights);
  }

  @Override
  public long silentFor(long tokens) {
    return Math.round(grid.features().sum((double) state.silentFor(tokens))[0]);
  }

  @Override
  public SequencedMap<String, Tensor> state() {
    return grid.whole(state.tensors());
  }

  @Override
  public void restore(Function<String, Tensor> source, long tokens) {
    state.restore(
        name -> TrainedState.isShared(name) ? source.apply(name) : grid.ownView(source.apply(name)),
        tokens);
  }

  @Override
  public void endUpdates() {
    gradients.close();
    state.endUpdates();
    whole = grid.whole(weights);
  }

  @Override
  public void close() {
    closeGradients();
    whole.ifPresent(Weights::close);
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

  /**
   * Numbers that are sums over ranks, which all of them agree on.
   *
   * @param loss with the penalty
   * @param squares of the gradients
   * @param active activations
   * @param left as {@link ExplainedVariance#left} gives it
   */
  @SuppressWarnings("ArrayRecordComponent") // two sums on their way; never compared
  private record Totals(double loss, double squares, double active, double[] left) {
    Totals over(Grid grid) {
      double[] all = grid.all().sum(loss, squares, active, left[0], left[1]);
      return new Totals(all[0], all[1], all[2], new double[] {all[3], all[4]});
    }

    Outcome outcome(Settings settings, double norm, boolean clipped, long n) {
      ExplainedVariance explained =
          settings.measure()
              ? ExplainedVariance.of(left[0], left[1], n)
              : ExplainedVariance.NOT_MEASURED;
      return new Outcome(loss, norm, clipped, active / n, explained.plain(), explained.legacy());
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
