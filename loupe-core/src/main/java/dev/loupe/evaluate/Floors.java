package dev.loupe.evaluate;

import dev.loupe.activation.Activations;
import dev.loupe.activation.Capturing;
import dev.loupe.dictionary.Contract;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Gate;
import dev.loupe.dictionary.Weights;
import dev.loupe.model.Hook;
import dev.loupe.model.Llama;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Products;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.SeededRandom;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import dev.loupe.text.TokenCorpus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a trained dictionary must beat, with as many features for a token: the K strongest principal
 * components, each with its sign ({@code L2R-2x-pca}, as wide as there are), and the K strongest of
 * random directions in a dictionary as wide as the trained one ({@code L2R-8x-random}). Both read
 * activations less their mean in the training split, and have tied weights, so that transcoders
 * have none.
 */
final class Floors {
  static final String PCA = "pca";
  static final String RANDOM = "random";

  private Floors() {}

  /** First and second moments of a hook: its mean [d], and Σ(x − mean)(x − mean)ᵀ / n [d, d]. */
  private record Moments(Tensor mean, Tensor covariance) {}

  /**
   * The floors of some dictionaries; the caller closes them. One pass of the model over the corpus.
   *
   * @param k features of a token, of each name
   */
  static List<Dictionary> of(
      Llama model,
      TokenCorpus train,
      Map<DictionaryName, Integer> k,
      Contract.TokenPolicy policy,
      long seed) {
    Map<DictionaryName, Integer> wanted = new TreeMap<>();
    Set<Hook> hooks = new TreeSet<>();
    k.forEach((name, features) -> {
      if (!name.site().isTranscoder()) {
        hooks.add(name.site().hookOut(name.layer()));
        wanted.putIfAbsent(variant(name, name.expansion(), RANDOM), features);
        wanted.putIfAbsent(variant(name, 2, PCA), features);
      }
    });
    List<Dictionary> floors = new ArrayList<>();
    try (TensorScope _ = TensorScope.open()) {
      Map<Hook, Moments> moments = moments(model, train, hooks);
      wanted.forEach((name, features) -> {
        Moments of = moments.get(name.site().hookOut(name.layer()));
        int d = Math.toIntExact(of.mean().size(0));
        Tensor directions =
            name.variant().equals(PCA)
                ? components(of.covariance())
                : new SeededRandom(seed, "floor " + name)
                    .directions((long) name.expansion() * d, d, 1);
        Contract contract =
            Contract.ofRawUnits(
                name, new Gate.TopK((int) Math.min(features, directions.size(0))), policy, d);
        floors.add(dictionary(directions, of.mean(), contract));
      });
    }
    return floors;
  }

  private static DictionaryName variant(DictionaryName name, int expansion, String variant) {
    return new DictionaryName(name.layer(), name.site(), expansion, variant);
  }

  private static Map<Hook, Moments> moments(Llama model, TokenCorpus train, Set<Hook> hooks) {
    int d = model.config().hiddenSize();
    Map<Hook, Tensor> sums = new TreeMap<>();
    Map<Hook, Tensor> products = new TreeMap<>();
    for (Hook hook : hooks) {
      sums.put(hook, Tensors.zeros(DType.F64, model.device(), 1, d));
      products.put(hook, Tensors.zeros(DType.F64, model.device(), d, d));
    }
    for (int batch = 0; batch < train.batches(); batch++) {
      try (TensorScope _ = TensorScope.open();
          Activations found = Capturing.activations(model, train.batch(batch), hooks)) {
        for (Hook hook : hooks) {
          Tensor x = found.at(hook).to(DType.F64);
          Arithmetic.addInPlace(sums.get(hook), Reductions.sumDouble(x, 0));
          Products.addProductInPlace(products.get(hook), x.transpose(0, 1), x);
        }
      }
    }
    double n = train.countedTokens();
    Map<Hook, Moments> moments = new TreeMap<>();
    for (Hook hook : hooks) {
      Tensor mean = Arithmetic.divide(sums.get(hook), n);
      Tensor square = Products.multiply(mean.transpose(0, 1), mean);
      moments.put(
          hook,
          new Moments(
              mean.reshape(-1),
              Arithmetic.subtract(Arithmetic.divide(products.get(hook), n), square)));
    }
    return moments;
  }

  /** Eigenvectors and their opposites as rows, [2d, d], so that ReLU keeps either sign. */
  private static Tensor components(Tensor covariance) {
    Tensor vectors = Products.eigenvectors(covariance).transpose(0, 1).to(DType.F32);
    return Tensors.concat(List.of(vectors, Arithmetic.negative(vectors)), 0);
  }

  /** x̂ = mean + Σ over the K largest of dᵢ ReLU(dᵢ·(x − mean)). */
  private static Dictionary dictionary(Tensor directions, Tensor mean, Contract contract) {
    Tensor bias = mean.to(DType.F32);
    Tensor projected = Products.linear(bias.reshape(1, -1), directions).reshape(-1);
    Weights weights =
        new Weights(
            TensorScope.release(directions.copy()),
            TensorScope.release(Arithmetic.negative(projected)),
            TensorScope.release(directions.copy()),
            TensorScope.release(bias.copy()));
    return new Dictionary(weights, contract);
  }
}
