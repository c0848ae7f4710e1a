package dev.loupe.train;

import dev.loupe.dictionary.Weights;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Indexing;
import dev.loupe.tensor.Products;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;

/**
 * What a step changes and a resumed run needs: the weights, Adam's two moments, and when each
 * feature last fired; and what inputs are centred by. Owns its tensors until closed.
 */
final class TrainedState implements AutoCloseable {
  private static final String CENTRE = "centre";

  private final Weights weights;
  private final Weights first;
  private final Weights second;
  private final Tensor lastFired; // I64 [F], tokens seen when the feature last fired
  private final Optional<Tensor> centre;
  private long tokensSeen;

  /** Takes over the beginning. */
  TrainedState(Initial initial) {
    weights = initial.weights();
    centre = initial.centre();
    first = zerosLike(weights);
    second = zerosLike(weights);
    lastFired =
        TensorScope.release(
            Tensors.zeros(DType.I64, weights.encoder().device(), weights.features()));
  }

  /** Zeros of the shapes of weights, owned by the caller. */
  static Weights zerosLike(Weights weights) {
    List<Tensor> zeros =
        weights.all().stream()
            .map(t -> TensorScope.release(Tensors.zeros(t.dtype(), t.device(), t.shape())))
            .toList();
    return new Weights(zeros.get(0), zeros.get(1), zeros.get(2), zeros.get(3));
  }

  Weights weights() {
    return weights;
  }

  Weights first() {
    return first;
  }

  Weights second() {
    return second;
  }

  Tensor lastFired() {
    return lastFired;
  }

  long tokensSeen() {
    return tokensSeen;
  }

  void countTokens(long tokens) {
    tokensSeen += tokens;
  }

  /** Normalised inputs less what they are centred by; in a scope. */
  Tensor centred(Tensor input) {
    return centre.map(mean -> Arithmetic.subtract(input, mean)).orElse(input);
  }

  /** Features whose explanation of the error AuxK adds, ascending, I64; absent for none. */
  Optional<Tensor> auxiliary(Recipe recipe, TrainingStep.Settings settings) {
    return silent(recipe, settings).filter(features -> features.elements() > 0);
  }

  /** As {@link #auxiliary}, empty for none; absent where AuxK is not wanted yet. */
  Optional<Tensor> silent(Recipe recipe, TrainingStep.Settings settings) {
    if (!recipe.isTopK() || recipe.auxK() == 0 || tokensSeen < settings.silent()) {
      return Optional.empty();
    }
    Tensor fired = Arithmetic.greater(lastFired, (double) (tokensSeen - settings.silent()));
    return Optional.of(Indexing.nonZero(Arithmetic.less(fired.to(DType.F32), 0.5)).reshape(-1));
  }

  long silentFor(long tokens) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor recent = Arithmetic.greater(lastFired, (double) Math.max(0, tokensSeen - tokens));
      return weights.features() - Math.round(Reductions.total(recent.to(DType.F64)));
    }
  }

  SequencedMap<String, Tensor> tensors() {
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    put(tensors, "weights", weights);
    put(tensors, "first_moment", first);
    put(tensors, "second_moment", second);
    tensors.put("last_fired", lastFired);
    centre.ifPresent(mean -> tensors.put(CENTRE, mean));
    return tensors;
  }

  private static void put(SequencedMap<String, Tensor> tensors, String prefix, Weights four) {
    tensors.put(prefix + ".encoder.weight", four.encoder());
    tensors.put(prefix + ".encoder.bias", four.encoderBias());
    tensors.put(prefix + ".decoder.weight", four.decoder());
    tensors.put(prefix + ".decoder.bias", four.decoderBias());
  }

  /**
   * Whether a tensor of {@link #tensors} is of the whole dictionary, not a row for each feature.
   */
  static boolean isShared(String name) {
    return name.endsWith(".decoder.bias") || name.equals(CENTRE);
  }

  /** Sets everything that {@link #tensors} names, after so many tokens. */
  void restore(Function<String, Tensor> source, long tokens) {
    tensors()
        .forEach((name, tensor) -> {
          try (TensorScope _ = TensorScope.open()) { // a rank has room for one whole tensor
            tensor.assign(source.apply(name));
          }
        });
    tokensSeen = tokens;
  }

  /**
   * Closes what only updates need, the moments, and makes the weights those of inputs that are not
   * centred: b_enc ← b_enc − W_enc · centre, in float64.
   */
  void endUpdates() {
    try (TensorScope _ = TensorScope.open()) {
      centre.ifPresent(mean -> {
        Tensor wide = mean.to(DType.F64).reshape(-1, 1);
        Tensor shift = Products.multiply(weights.encoder().to(DType.F64), wide).reshape(-1);
        Tensor bias = weights.encoderBias().to(DType.F64);
        weights.encoderBias().assign(Arithmetic.subtract(bias, shift).to(DType.F32));
      });
    }
    first.close();
    second.close();
  }

  @Override
  public void close() {
    weights.close();
    first.close();
    second.close();
    lastFired.close();
    centre.ifPresent(Tensor::close);
  }
}
