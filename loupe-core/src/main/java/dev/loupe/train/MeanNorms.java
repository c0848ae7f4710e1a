package dev.loupe.train;

import dev.loupe.activation.ActivationStream;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Scale;
import dev.loupe.model.Hook;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import java.util.Map;
import java.util.TreeMap;

/**
 * Mean norms of a run's activations, measured before its first step, and what follows from them.
 *
 * @param values in raw units
 */
record MeanNorms(Map<Hook, Double> values) {
  /** By the hooks' names, as a state holds them. */
  Map<String, Double> named() {
    Map<String, Double> named = new TreeMap<>();
    values.forEach((hook, norm) -> named.put(hook.toString(), norm));
    return named;
  }

  /** By which a dictionary's rows are scaled. */
  Scale scale(DictionaryName name) {
    return new Scale(
        norm(name.site().hookIn(name.layer())), norm(name.site().hookOut(name.layer())));
  }

  private double norm(Hook hook) {
    Double norm = values.get(hook);
    if (norm == null || !Double.isFinite(norm) || norm <= 0) {
      throw new NotFiniteException(
          "expected activations at " + hook + " with a positive mean norm, got " + norm);
    }
    return norm;
  }

  /** What a dictionary begins with, from the activations that were measured; the caller's. */
  Initial initial(Recipe recipe, DictionaryName name, ActivationStream stream, long seed) {
    Scale scale = scale(name);
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = stream.measured(name.site().hookIn(name.layer()));
      Tensor y = stream.measured(name.site().hookOut(name.layer()));
      return Initial.draw(
          recipe,
          name,
          Arithmetic.multiply(x, scale.factorIn(x.size(1))),
          Arithmetic.multiply(y, scale.factorOut(y.size(1))),
          seed);
    }
  }
}
