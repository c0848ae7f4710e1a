package dev.loupe.train;

import dev.loupe.dictionary.Weights;
import dev.loupe.tensor.Tensor;
import java.util.SequencedMap;
import java.util.function.Function;

/**
 * One dictionary in training: its weights, Adam's moments and the update of one batch. Owns its
 * tensors until closed.
 */
public interface TrainingStep extends AutoCloseable {
  /**
   * Updates the weights by one batch.
   *
   * @param x inputs, raw, [n, D in], borrowed
   * @param y targets, raw, [n, D out], borrowed; the same tensor for an autoencoder
   * @throws NotFiniteException if the loss or the gradient is infinite or not a number
   * @throws LossSpikeException if the loss is above the bound of the settings. After either,
   *     weights and moments are those of the step before; the batch counts as seen: what fired has
   *     fired
   */
  Outcome update(Tensor x, Tensor y, Settings settings);

  /**
   * The weights as they are now, in the normalised space, borrowed. Where inputs are centred they
   * are for inputs less their mean until {@link #endUpdates}.
   */
  Weights weights();

  /** Features that have not fired in the last so many tokens. */
  long silentFor(long tokens);

  /**
   * Everything that the next update depends on, by name: what resuming needs. Borrowed, or the
   * innermost scope's. Where ranks train together, all call it, and rank 0 has it.
   */
  SequencedMap<String, Tensor> state();

  /**
   * Sets everything that {@link #state} names.
   *
   * @param source tensors by these names, borrowed
   * @param tokens seen until then
   */
  void restore(Function<String, Tensor> source, long tokens);

  /**
   * Frees what only updates need, and folds the inputs' mean into the biases; of the rest, only
   * {@link #weights} is asked for after it. Where ranks train together, all call it, and rank 0
   * then has the weights of all.
   */
  void endUpdates();

  @Override
  void close();

  /**
   * What the schedule says for a step.
   *
   * @param step number, the first being 0
   * @param k features per token (topk)
   * @param acrossBatch whether on average over the batch, instead of for each token
   * @param silent tokens after which a feature that has not fired is silent
   * @param l1 λ (relu)
   * @param measure whether the outcome's explained variances are wanted
   * @param maxLoss above which the update is refused; infinite for no bound
   */
  record Settings(
      long step,
      double learningRate,
      int k,
      boolean acrossBatch,
      long silent,
      double l1,
      boolean measure,
      double maxLoss) {
    Settings withMaxLoss(double bound) {
      return new Settings(step, learningRate, k, acrossBatch, silent, l1, measure, bound);
    }
  }

  /**
   * What an update found.
   *
   * @param loss with the penalty, before the update
   * @param gradientNorm before clipping
   * @param clipped whether the norm was above the bound
   * @param l0 features per token
   * @param explainedVariance mean of 1 − ‖e‖²/‖y‖²; NaN where not wanted
   * @param explainedVarianceLegacy mean of 1 − ‖e‖²/‖y−ȳ‖², ȳ of this batch; NaN where not wanted
   */
  record Outcome(
      double loss,
      double gradientNorm,
      boolean clipped,
      double l0,
      double explainedVariance,
      double explainedVarianceLegacy) {}
}
