package dev.loupe.evaluate;

import dev.loupe.activation.Activations;
import dev.loupe.activation.Capturing;
import dev.loupe.model.Hook;
import dev.loupe.model.Llama;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import dev.loupe.text.TokenCorpus;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The mean activation of each hook over the counted tokens of the training split: what a site is
 * set to for {@code loss_mean}. Owns its tensors.
 */
public final class TrainingMeans implements AutoCloseable {
  private final Map<Hook, Tensor> means = new TreeMap<>(); // float32 [d]

  private TrainingMeans() {}

  /** One pass of the model, summed in float64; the caller closes the result. */
  public static TrainingMeans measure(Llama model, TokenCorpus train, Set<Hook> hooks) {
    Map<Hook, Tensor> sums = new TreeMap<>();
    try (TensorScope _ = TensorScope.open()) {
      for (Hook hook : hooks) {
        sums.put(hook, Tensors.zeros(DType.F64, model.device(), 1, model.config().hiddenSize()));
      }
      for (int batch = 0; batch < train.batches() && !hooks.isEmpty(); batch++) {
        add(sums, model, train, batch);
      }
      TrainingMeans result = new TrainingMeans();
      sums.forEach((hook, sum) -> {
        Tensor mean = Arithmetic.divide(sum, (double) train.countedTokens()).reshape(-1);
        result.means.put(hook, TensorScope.release(mean.to(DType.F32)));
      });
      return result;
    }
  }

  private static void add(Map<Hook, Tensor> sums, Llama model, TokenCorpus train, int batch) {
    try (TensorScope _ = TensorScope.open();
        Activations found = Capturing.activations(model, train.batch(batch), sums.keySet())) {
      sums.forEach(
          (hook, sum) -> Arithmetic.addInPlace(sum, Reductions.sumDouble(found.at(hook), 0)));
    }
  }

  /** For each hook its mean, [d], borrowed. */
  public Map<Hook, Tensor> byHook() {
    return Map.copyOf(means);
  }

  @Override
  public void close() {
    means.values().forEach(Tensor::close);
  }
}
