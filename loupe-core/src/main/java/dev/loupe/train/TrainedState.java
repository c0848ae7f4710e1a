package dev.loupe.train;

import dev.loupe.dictionary.Weights;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Function;

/**
 * What a step changes and a resumed run needs: the weights, Adam's two moments, and when each
 * feature last fired. Owns its tensors until closed.
 */
final class TrainedState implements AutoCloseable {
  private final Weights weights;
  private final Weights first;
  private final Weights second;
  private final Tensor lastFired; // I64 [F], tokens seen when the feature last fired
  private long tokensSeen;

  /** Takes over the initial weights. */
  TrainedState(Weights initial) {
    weights = initial;
    first = zerosLike(initial);
    second = zerosLike(initial);
    lastFired =
        TensorScope.release(
            Tensors.zeros(DType.I64, initial.encoder().device(), initial.features()));
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
    return tensors;
  }

  private static void put(SequencedMap<String, Tensor> tensors, String prefix, Weights four) {
    tensors.put(prefix + ".encoder.weight", four.encoder());
    tensors.put(prefix + ".encoder.bias", four.encoderBias());
    tensors.put(prefix + ".decoder.weight", four.decoder());
    tensors.put(prefix + ".decoder.bias", four.decoderBias());
  }

  /** Sets everything that {@link #tensors} names, after so many tokens. */
  void restore(Function<String, Tensor> source, long tokens) {
    try (TensorScope _ = TensorScope.open()) {
      tensors().forEach((name, tensor) -> tensor.assign(source.apply(name)));
    }
    tokensSeen = tokens;
  }

  /** Closes what only updates need: the moments. */
  void endUpdates() {
    first.close();
    second.close();
  }

  @Override
  public void close() {
    weights.close();
    first.close();
    second.close();
    lastFired.close();
  }
}
